namespace Engine.Kernels;

/// <summary>The sizes of an attention, and which keys each query sees.</summary>
/// <param name="Batch">B.</param>
/// <param name="Heads">H, of the queries.</param>
/// <param name="KeyHeads">G, of keys and values; divides H. Query head h reads key head h / (H/G).</param>
/// <param name="T">Queries.</param>
/// <param name="S">Keys.</param>
/// <param name="D">Numbers of a query and of a key.</param>
/// <param name="E">Numbers of a value and of a result.</param>
public readonly record struct AttentionSizes(int Batch, int Heads, int KeyHeads, int T, int S, int D, int E)
{
    /// <summary>By what the products of queries and keys are multiplied.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether query i sees keys 0..<see cref="Past"/> + i alone.</summary>
    public bool Causal { get; init; }

    /// <summary>Keys before that of query 0; below 0 where the first queries see none.</summary>
    public int Past { get; init; }

    /// <summary>The share of the weights that is dropped, in [0, 1).</summary>
    public double Dropout { get; init; }

    /// <summary>The stream that the dropout is drawn from.</summary>
    public ulong Key { get; init; }

    /// <summary>The stream's first word for this attention, a multiple of 4. Word ((b·H + h)·T + i)·<see cref="RowWords"/> + j behind it is that of
    /// weight (b, h, i, j).</summary>
    public ulong Position { get; init; }

    /// <summary>Words of a row of weights: S, rounded up to whole blocks of Philox.</summary>
    public int RowWords => (S + 3) & ~3;

    /// <summary>Words of all rows.</summary>
    public long Words => (long)Batch * Heads * T * RowWords;

    /// <summary>Floating-point operations of forward: a multiplication and an addition for each term of both products.</summary>
    public long Flops => 2L * Batch * Heads * T * S * (D + E);

    /// <summary>Query heads that share a key head.</summary>
    internal int Group => Heads / KeyHeads;

    internal int Rows => checked(Batch * Heads * T);

    /// <summary>Keys of a batch's row that query <paramref name="i"/> sees, of so many that there are.</summary>
    internal int Seen(int i, int keys) => Causal ? Math.Clamp(Past + i + 1, 0, keys) : keys;

    /// <summary>A weight is kept where the upper 24 bits of its word are at least this.</summary>
    internal uint Least => (uint)Math.Ceiling(Dropout * (1 << 24));

    /// <summary>The last word of those that drop their weight: the same of whole words. Only with a dropout above 0.</summary>
    internal uint Last => (uint)(((ulong)Least << 8) - 1);

    /// <summary>What kept weights are multiplied by.</summary>
    internal double Kept => 1 / (1 - Dropout);
}

/// <summary>What an attention reads. Matrices lie in memory by rows: their column stride is 1.</summary>
/// <param name="Queries">Float32, T×D for each of B and H.</param>
/// <param name="Keys">Float32, S×D for each of B and G.</param>
/// <param name="Values">Float32, S×E for each of B and G.</param>
/// <param name="Mask">T×S for each of B and H, with strides of 0 where it is the same for all: UInt8, not 0 where the query sees the key; or Float32,
/// added to the scores.</param>
/// <param name="Lengths">Keys of each of B, 0..S, which are seen; all unless given.</param>
public readonly record struct AttentionInputs(Matrices Queries, Matrices Keys, Matrices Values, Matrices? Mask = null, int[]? Lengths = null)
{
    internal int KeysOf(int b, int all) => Lengths is null ? all : Lengths[b];
}
