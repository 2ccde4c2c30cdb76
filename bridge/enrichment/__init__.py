"""The third pipeline: what a sender of ids only left out is asked for, and the event is mapped as any form's."""
