namespace Engine.Kernels;

/// <summary>How a group of threads shares a product: it computes a square of C, Side·Micro numbers each way, Micro × Micro of them a thread,
/// and keeps Depth rows of A and columns of B at a time in shared memory.</summary>
internal interface IMatMulTile
{
    /// <summary>The group is Side × Side threads.</summary>
    static abstract int Side { get; }

    /// <summary>1 or 4.</summary>
    static abstract int Micro { get; }

    static abstract int Depth { get; }
}

/// <summary>64 × 64 by 256 threads: each number read serves four multiplications from registers and 64 from shared memory.</summary>
internal readonly struct LargeTile : IMatMulTile
{
    public static int Side => 16;

    public static int Micro => 4;

    public static int Depth => 16;
}

/// <summary>32 × 32 by 64 threads, for attention of few rows.</summary>
internal readonly struct MiddleTile : IMatMulTile
{
    public static int Side => 8;

    public static int Micro => 4;

    public static int Depth => 16;
}

/// <summary>16 × 16 by 256 threads: many groups even where C is small.</summary>
internal readonly struct SmallTile : IMatMulTile
{
    public static int Side => 16;

    public static int Micro => 1;

    public static int Depth => 32;
}

/// <summary>8 × 8 by 4 threads: all that the emulator has.</summary>
internal readonly struct EmulatorTile : IMatMulTile
{
    public static int Side => 2;

    public static int Micro => 4;

    public static int Depth => 8;
}
