namespace Engine.Core;

/// <summary>How <see cref="Tensor.Attention"/> attends; left alone, each query sees every key.</summary>
public sealed record AttentionOptions
{
    /// <summary>Heads of keys and values, which divides those of the queries; as many unless set. Query head h reads key head h / (heads / KeyHeads).</summary>
    /// <remarks>Source: Ainslie et al. 2023, "GQA", arXiv:2305.13245.</remarks>
    public int? KeyHeads { get; init; }

    /// <summary>Whether query i sees keys up to its own position, <see cref="Past"/> + i, alone.</summary>
    public bool Causal { get; init; }

    /// <summary>The position of query 0, with <see cref="Causal"/>. S − T unless set: the last query sees the last key. Set it where keys behind the last
    /// query's position are room not yet used.</summary>
    public int? Past { get; init; }

    /// <summary>For each of the batch, how many keys count, 0..S; those behind are padding. All unless set.</summary>
    public int[]? KeyLengths { get; init; }

    /// <summary>What the product of a query and a key is multiplied by; 1/√D unless set.</summary>
    public double? Scale { get; init; }

    /// <summary>The share of the weights that is dropped, in [0, 1); the others are divided by 1 − share. 0 draws nothing.</summary>
    public double Dropout { get; init; }

    /// <summary>Where the dropout is drawn from; must be set where there is one.</summary>
    public Rng? Rng { get; init; }
}
