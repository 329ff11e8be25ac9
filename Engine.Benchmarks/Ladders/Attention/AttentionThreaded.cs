namespace Engine.Benchmarks;

/// <summary>Heads are packed, and blocks of queries computed, on all processors. A query's numbers depend on its own block alone, so its bits are those of one
/// thread.</summary>
internal static unsafe class AttentionThreaded
{
    public static void Run(float* q, float* k, float* v, float* y, AttentionShape z)
    {
        int head = z.T * z.D, blocks = (z.T + AttentionTiles.Queries - 1) / AttentionTiles.Queries;
        int turned = AttentionTiles.TurnedLength(z), filled = AttentionTiles.ValuesLength(z);
        using Floats allKeys = new(z.Heads * turned), allValues = new(z.Heads * filled);
        float* keys = allKeys.At, values = allValues.At;
        Parallel.For(0, z.Heads, h => AttentionTiles.Pack(k + h * head, v + h * head, keys + h * turned, values + h * filled, z));
        Parallel.For(0, z.Heads * blocks, i =>
        {
            int h = i / blocks;
            AttentionTiles.Block(q + h * head, keys + h * turned, values + h * filled, y + h * head, i % blocks * AttentionTiles.Queries, z);
        });
    }
}
