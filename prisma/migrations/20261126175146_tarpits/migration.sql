-- CreateTable
CREATE TABLE "tarpits" (
    "scan_id" UUID NOT NULL,
    "vantage" TEXT NOT NULL,
    "ip" INET NOT NULL,
    "project_id" UUID NOT NULL,
    "found_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tarpits_pkey" PRIMARY KEY ("scan_id","vantage","ip")
);

-- CreateIndex
CREATE INDEX "tarpits_project_id_ip_idx" ON "tarpits"("project_id", "ip");

-- AddForeignKey
ALTER TABLE "tarpits" ADD CONSTRAINT "tarpits_scan_id_fkey" FOREIGN KEY ("scan_id") REFERENCES "scans"("id") ON DELETE CASCADE ON UPDATE CASCADE;
