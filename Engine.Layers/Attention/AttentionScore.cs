namespace Engine.Layers;

/// <summary>How much a query q and a state h have to do with each other.</summary>
public enum AttentionScore
{
    /// <summary>vᵀ·tanh(W·q + U·h), the additive score. Source: Bahdanau, Cho and Bengio 2015, arXiv:1409.0473.</summary>
    Bahdanau,

    /// <summary>q·h, without numbers of its own; both are of one size. Source: Luong, Pham and Manning 2015, arXiv:1508.04025.</summary>
    Dot,

    /// <summary>q·W·h. Source: Luong, Pham and Manning 2015.</summary>
    General,

    /// <summary>vᵀ·tanh(W·[q; h]). Source: Luong, Pham and Manning 2015. W's columns for q and for h are two matrices here, so it is computed as
    /// <see cref="Bahdanau"/>'s.</summary>
    Concat,
}
