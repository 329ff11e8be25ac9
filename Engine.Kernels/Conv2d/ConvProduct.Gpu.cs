using ILGPU;

namespace Engine.Kernels;

/// <summary>A convolution's sizes, with what would cost a kernel divisions.</summary>
internal readonly record struct ConvArguments(int N, int C, int H, int W, int K, int R, int S, int P, int Q, int StrideH, int StrideW, int PadH, int PadW,
    int DilationH, int DilationW, int Groups, int GroupC, int GroupK, int Taps, int Pixels, int HasBias, int Activation)
{
    public ConvArguments(Conv2dSizes z, View? bias = null, Activation activation = default) : this(z.N, z.C, z.H, z.W, z.K, z.R, z.S, z.P, z.Q, z.StrideH, z.StrideW, z.PadH, z.PadW, z.DilationH, z.DilationW,
        z.Groups, z.GroupC, z.GroupK, z.Taps, z.Pixels, bias is null ? 0 : 1, (int)activation)
    { }
}

/// <summary>y: a row for each filter, a column for each pixel of y, a term for each tap.</summary>
internal readonly struct ConvForward : ITiledProduct<ConvArguments>
{
    public static int Rows(ConvArguments z) => z.GroupK;

    public static int Columns(ConvArguments z) => z.N * z.Pixels;

    public static int Depth(ConvArguments z) => z.Taps;

    public static int Batches(ConvArguments z) => z.Groups;

    public static bool DepthFirstA(ConvArguments z) => true;

    public static bool DepthFirstB(ConvArguments z) => false;

    public static ColumnPlace Column(ConvArguments z, int j)
        => new(j / z.Pixels, j % z.Pixels / z.Q * z.StrideH - z.PadH, j % z.Q * z.StrideW - z.PadW);

    public static float A(ArrayView<float> w, ConvArguments z, int group, int i, int p) => w[(group * z.GroupK + i) * z.Taps + p];

    public static float B(ArrayView<float> x, ConvArguments z, int group, ColumnPlace column, int p)
    {
        int s = p % z.S, r = p / z.S % z.R, c = p / z.S / z.R;
        int h = column.B + r * z.DilationH, w = column.C + s * z.DilationW;
        float value = 0f;
        if (h >= 0 && h < z.H && w >= 0 && w < z.W) value = x[((column.A * z.C + group * z.GroupC + c) * z.H + h) * z.W + w];
        return value;
    }

    public static void Store(ArrayView<float> y, ArrayView<float> bias, ConvArguments z, int group, int slice, int i, int j, float sum)
    {
        int k = group * z.GroupK + i;
        if (z.HasBias != 0) sum += bias[k];
        y[(j / z.Pixels * z.K + k) * z.Pixels + j % z.Pixels] = GpuDevice.Activate(sum, z.Activation);
    }
}

/// <summary>dx: a row for each channel, a column for each pixel of x, a term for each filter and place in it.</summary>
internal readonly struct ConvBackwardInput : ITiledProduct<ConvArguments>
{
    public static int Rows(ConvArguments z) => z.GroupC;

    public static int Columns(ConvArguments z) => z.N * z.H * z.W;

    public static int Depth(ConvArguments z) => z.GroupK * z.R * z.S;

    public static int Batches(ConvArguments z) => z.Groups;

    public static bool DepthFirstA(ConvArguments z) => true;

    public static bool DepthFirstB(ConvArguments z) => false;

    public static ColumnPlace Column(ConvArguments z, int j) => new(j / z.W / z.H, j / z.W % z.H + z.PadH, j % z.W + z.PadW);

    public static float A(ArrayView<float> w, ConvArguments z, int group, int i, int p)
    {
        int window = z.R * z.S;
        return w[((group * z.GroupK + p / window) * z.GroupC + i) * window + p % window];
    }

    public static float B(ArrayView<float> dy, ConvArguments z, int group, ColumnPlace column, int p)
    {
        int s = p % z.S, r = p / z.S % z.R, k = p / z.S / z.R;
        int top = column.B - r * z.DilationH, left = column.C - s * z.DilationW;
        int row = top / z.StrideH, at = left / z.StrideW;
        float value = 0f;
        if (top >= 0 && left >= 0 && row < z.P && at < z.Q && row * z.StrideH == top && at * z.StrideW == left)
            value = dy[(column.A * z.K + group * z.GroupK + k) * z.Pixels + row * z.Q + at];
        return value;
    }

    public static void Store(ArrayView<float> dx, ArrayView<float> bias, ConvArguments z, int group, int slice, int i, int j, float sum)
        => dx[(j / z.W / z.H * z.C + group * z.GroupC + i) * z.H * z.W + j % (z.H * z.W)] = sum;
}

/// <summary>dw: a row for each filter, a column for each tap, a term for each pixel of y.</summary>
internal readonly struct ConvBackwardWeight : ITiledProduct<ConvArguments>
{
    public static int Rows(ConvArguments z) => z.GroupK;

    public static int Columns(ConvArguments z) => z.Taps;

    public static int Depth(ConvArguments z) => z.N * z.Pixels;

    public static int Batches(ConvArguments z) => z.Groups;

    public static bool DepthFirstA(ConvArguments z) => true;

    public static bool DepthFirstB(ConvArguments z) => false;

    public static ColumnPlace Column(ConvArguments z, int j)
        => new(j / z.S / z.R, j / z.S % z.R * z.DilationH - z.PadH, j % z.S * z.DilationW - z.PadW);

    public static float A(ArrayView<float> dy, ConvArguments z, int group, int i, int p)
        => dy[(p / z.Pixels * z.K + group * z.GroupK + i) * z.Pixels + p % z.Pixels];

    public static float B(ArrayView<float> x, ConvArguments z, int group, ColumnPlace column, int p)
    {
        int h = p % z.Pixels / z.Q * z.StrideH + column.B, w = p % z.Q * z.StrideW + column.C;
        float value = 0f;
        if (h >= 0 && h < z.H && w >= 0 && w < z.W)
            value = x[((p / z.Pixels * z.C + group * z.GroupC + column.A) * z.H + h) * z.W + w];
        return value;
    }

    public static void Store(ArrayView<float> dw, ArrayView<float> bias, ConvArguments z, int group, int slice, int i, int j, float sum)
        => dw[(slice * z.K + group * z.GroupK + i) * z.Taps + j] = sum;
}
