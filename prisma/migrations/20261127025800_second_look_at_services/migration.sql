-- AlterTable
ALTER TABLE "confirmations" ADD COLUMN     "agrees" BOOLEAN NOT NULL DEFAULT true;

-- AlterTable
ALTER TABLE "shards" ADD COLUMN     "done_by" UUID,
ADD COLUMN     "not_by" UUID;
