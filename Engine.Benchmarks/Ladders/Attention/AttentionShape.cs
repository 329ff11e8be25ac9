namespace Engine.Benchmarks;

/// <summary>Queries, keys, values and results of all heads of all sequences: (Heads, T, D) each. Every query sees every key.</summary>
internal readonly record struct AttentionShape(int Heads, int T, int D)
{
    public float Scale => 1 / MathF.Sqrt(D);
}
