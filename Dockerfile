# syntax=docker/dockerfile:1
# Built in one stage, run in another: no compiler, no pip cache, no root.
FROM python:3.13-slim AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/leadbridge && python -m venv /opt/build
WORKDIR /src
COPY requirements.txt requirements-build.txt ./
RUN /opt/leadbridge/bin/pip install --require-hashes -r requirements.txt \
 && /opt/build/bin/pip install --require-hashes -r requirements-build.txt
COPY pyproject.toml README.md ./
COPY bridge ./bridge
COPY mappings ./mappings
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/leadbridge/bin/pip install --no-deps /wheels/*.whl \
 && /opt/leadbridge/bin/python -m compileall -q /opt/leadbridge/lib


FROM python:3.13-slim

RUN useradd --uid 10001 --no-create-home --home-dir /data leadbridge \
 && install -d -o leadbridge -g leadbridge -m 0700 /data \
 && install -d /mappings
COPY --from=build /opt/leadbridge /opt/leadbridge

ENV PATH=/opt/leadbridge/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LEADBRIDGE_DATABASE_URL=sqlite:////data/leadbridge.db \
    LEADBRIDGE_MAPPINGS=/mappings \
    LEADBRIDGE_BIND=0.0.0.0:8080 \
    LEADBRIDGE_ADMIN_BIND=127.0.0.1:8081

USER leadbridge
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
CMD ["leadbridge", "serve"]
