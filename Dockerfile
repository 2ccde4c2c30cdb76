# Built in one stage, run in another: no compiler, no pip, no cache, no root.
FROM python:3.13-slim AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv --without-pip /opt/leadbridge && python -m venv /opt/build
WORKDIR /src
COPY requirements.txt requirements-build.txt ./
RUN /opt/build/bin/pip --python /opt/leadbridge/bin/python install --require-hashes -r requirements.txt \
 && /opt/build/bin/pip install --require-hashes -r requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY bridge ./bridge
COPY examples ./examples
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/build/bin/pip --python /opt/leadbridge/bin/python install --no-deps /wheels/*.whl \
 && /opt/leadbridge/bin/python -m compileall -q /opt/leadbridge/lib


FROM python:3.13-slim

ARG VERSION=0.1.0
ARG REVISION=unknown
# The addresses of the repository and of the documentation, given by whoever publishes the image.
ARG SOURCE=
ARG DOCUMENTATION=
LABEL org.opencontainers.image.title="Leadbridge" \
      org.opencontainers.image.description="Durable, paced bridge from webhooks to Zoho Marketing Automation" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.documentation="${DOCUMENTATION}" \
      org.opencontainers.image.licenses="Apache-2.0"

RUN useradd --uid 10001 --no-create-home --home-dir /data leadbridge \
 && install -d -o leadbridge -g leadbridge -m 0700 /data \
 && install -d /mappings
COPY --from=build /opt/leadbridge /opt/leadbridge

# The outbox is leadbridge.db in the working folder, unless LEADBRIDGE_DATABASE_URL (or its _FILE) names another.
ENV PATH=/opt/leadbridge/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LEADBRIDGE_MAPPINGS=/mappings \
    LEADBRIDGE_BIND=0.0.0.0:8080 \
    LEADBRIDGE_ADMIN_BIND=127.0.0.1:8081

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080 8081 8082
STOPSIGNAL SIGTERM
# For `serve` and `receive`; a deliverer is asked for /livez at its admin address.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
CMD ["leadbridge", "serve"]
