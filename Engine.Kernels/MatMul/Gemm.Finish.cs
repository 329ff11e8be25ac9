using System.Runtime.Intrinsics;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    private const int Vector = 16;

    /// <summary>Adds the bias to a part of C whose sums are complete, and applies the activation.</summary>
    private static void Finish(in Product x, int row, int rows, int column, int columns)
    {
        if (x.Bias is null && x.Activation == Activation.None) return;
        for (int i = row; i < row + rows; i++)
            for (int j = column; j < column + columns; j += Vector)
            {
                int count = Math.Min(Vector, column + columns - j);
                float* c = x.C + i * x.CRow + j * x.CColumn;
                var sum = Load(c, x.CColumn, count);
                if (x.Bias is not null) sum += Load(x.Bias + j, 1, count);
                Store(CpuDevice.Activate(sum, x.Activation), c, x.CColumn, count);
            }
    }

    private static Vector512<float> Load(float* x, nint step, int count)
    {
        if (step == 1 && count == Vector) return Vector512.Load(x);
        float* padded = stackalloc float[Vector];
        for (int i = 0; i < Vector; i++) padded[i] = i < count ? x[i * step] : 1;
        return Vector512.Load(padded);
    }

    private static void Store(Vector512<float> value, float* y, nint step, int count)
    {
        if (step == 1 && count == Vector)
        {
            value.Store(y);
            return;
        }
        float* padded = stackalloc float[Vector];
        value.Store(padded);
        for (int i = 0; i < count; i++) y[i * step] = padded[i];
    }
}
