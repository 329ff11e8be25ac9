namespace Engine.Kernels;

/// <summary>One matrix product in the processor's memory: C = activation(A·B + bias), or C += A·B + bias. Element (i, j) of a matrix is
/// number i·Row + j·Column.</summary>
internal unsafe struct Product
{
    /// <summary>A is M×K, B is K×N, C is M×N, and the bias has N numbers or is null.</summary>
    public float* A, B, C, Bias;

    public int M, N, K;

    public nint ARow, AColumn, BRow, BColumn, CRow, CColumn;

    public Activation Activation;

    /// <summary>Add to what C holds.</summary>
    public bool Accumulate;

    /// <summary>Multiplications, each with an addition.</summary>
    public readonly long Work => (long)M * N * K;

    /// <summary>Cᵀ = Bᵀ·Aᵀ: the same numbers. A bias for each column has no such form.</summary>
    public readonly Product Transposed => this with
    {
        A = B,
        B = A,
        M = N,
        N = M,
        ARow = BColumn,
        AColumn = BRow,
        BRow = AColumn,
        BColumn = ARow,
        CRow = CColumn,
        CColumn = CRow,
    };
}
