namespace Engine.Kernels;

/// <summary>The sizes of a 2-D convolution: x is (N, C, H, W), the filters (K, C/Groups, R, S), y (N, K, P, Q).</summary>
/// <param name="N">Images.</param>
/// <param name="C">Channels of x.</param>
/// <param name="H">Height of x.</param>
/// <param name="W">Width of x.</param>
/// <param name="K">Filters: channels of y.</param>
/// <param name="R">Height of a filter.</param>
/// <param name="S">Width of a filter.</param>
/// <param name="StrideH">Rows of x from one row of y to the next.</param>
/// <param name="StrideW">Columns of x from one column of y to the next.</param>
/// <param name="PadH">Rows of zeros above and below x.</param>
/// <param name="PadW">Columns of zeros left and right of x.</param>
/// <param name="DilationH">Rows of x from one row of a filter to the next.</param>
/// <param name="DilationW">Columns of x from one column of a filter to the next.</param>
/// <param name="Groups">Parts into which the channels of x and y are cut; each part of y sees its own part of x alone.</param>
/// <remarks>Source: Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.</remarks>
public readonly record struct Conv2dSizes(int N, int C, int H, int W, int K, int R, int S, int StrideH = 1, int StrideW = 1,
    int PadH = 0, int PadW = 0, int DilationH = 1, int DilationW = 1, int Groups = 1)
{
    /// <summary>Height of y: ⌊(H + 2·PadH − DilationH·(R − 1) − 1) / StrideH⌋ + 1, or 0 where the filter does not fit.</summary>
    public int P => Steps(H, R, StrideH, PadH, DilationH);

    /// <summary>Width of y, likewise.</summary>
    public int Q => Steps(W, S, StrideW, PadW, DilationW);

    /// <summary>Channels of x that one filter sees.</summary>
    public int GroupC => C / Groups;

    /// <summary>Filters of one group.</summary>
    public int GroupK => K / Groups;

    /// <summary>Numbers that one result is a sum over: C/Groups · R · S.</summary>
    public int Taps => GroupC * R * S;

    /// <summary>Results of one image and filter: P · Q.</summary>
    public int Pixels => P * Q;

    /// <summary>Floating-point operations: a multiplication and an addition for each term.</summary>
    public long Flops => 2L * N * K * Pixels * Taps;

    internal int InputCount => N * C * H * W;

    internal int WeightCount => K * Taps;

    internal int OutputCount => N * K * Pixels;

    private static int Steps(int size, int window, int stride, int pad, int dilation)
    {
        int room = size + 2 * pad - dilation * (window - 1) - 1;
        return room < 0 ? 0 : room / stride + 1;
    }

    /// <summary>Refuses sizes that are no convolution.</summary>
    internal void Require(string kernel)
    {
        if (N < 0 || C < 0 || H < 0 || W < 0 || K < 0 || R < 1 || S < 1 || StrideH < 1 || StrideW < 1 || PadH < 0 || PadW < 0
            || DilationH < 1 || DilationW < 1 || Groups < 1 || C % Groups != 0 || K % Groups != 0)
            throw new ArgumentException($"{kernel}: {this} is no convolution: sizes must not be negative, window, strides, dilations and groups at least 1, and groups must divide C and K.");
    }
}
