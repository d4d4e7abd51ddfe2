-- The changes of a network, along an index: the address of the endpoint stands in the change as well.
ALTER TABLE "changes" ADD COLUMN     "ip" INET;
UPDATE "changes" SET "ip" = "endpoints"."ip" FROM "endpoints" WHERE "endpoints"."id" = "changes"."endpoint_id";
ALTER TABLE "changes" ALTER COLUMN "ip" SET NOT NULL;

-- CreateIndex
CREATE INDEX "changes_project_id_ip_id_idx" ON "changes"("project_id", "ip", "id");
ANALYZE "changes";
