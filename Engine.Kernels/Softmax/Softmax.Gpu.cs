using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    /// <summary>A group for each row, no larger than the row fills.</summary>
    private KernelConfig GroupsOf(int rows, int columns)
        => new(rows, Math.Min(GroupSize, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(columns, 1))));

    private protected override void SoftmaxForwardCore(View x, View y, int rows, int columns, bool log)
        => Launch(SoftmaxForwardKernel, GroupsOf(rows, columns), Floats(x), Floats(y), columns, log ? 1 : 0);

    private protected override void SoftmaxBackwardCore(View y, View dy, View dx, int rows, int columns, bool log)
        => Launch(SoftmaxBackwardKernel, GroupsOf(rows, columns), Floats(y), Floats(dy), Floats(dx), columns, log ? 1 : 0);

    private static void SoftmaxForwardKernel(ArrayView<float> x, ArrayView<float> y, int columns, int log)
    {
        int from = Grid.IdxX * columns;
        var sums = RowLogSumExp(x, from, columns);
        float logSum = FloatMath.Log(sums.B);
        for (int c = Group.IdxX; c < columns; c += Group.DimX)
        {
            float shifted = x[from + c] - sums.A;
            y[from + c] = log != 0 ? shifted - logSum : FloatMath.Exp(shifted) / sums.B;
        }
    }

    private static void SoftmaxBackwardKernel(ArrayView<float> y, ArrayView<float> dy, ArrayView<float> dx, int columns, int log)
    {
        int from = Grid.IdxX * columns;
        var state = Sum.Start();
        for (int c = Group.IdxX; c < columns; c += Group.DimX)
            state = Sum.Add(state, log != 0 ? dy[from + c] : dy[from + c] * y[from + c], c);
        float sum = MergeGroup<Sum, float>(state).A;
        for (int c = Group.IdxX; c < columns; c += Group.DimX)
        {
            float v = y[from + c], d = dy[from + c];
            dx[from + c] = log != 0 ? d - FloatMath.Exp(v) * sum : v * (d - sum);
        }
    }

    /// <summary>The largest number of a row, A, and Σ exp(x − A), B, for all threads of its group.</summary>
    private static ReduceState RowLogSumExp(ArrayView<float> x, int from, int columns)
    {
        var state = LogSumExp.Start();
        for (int c = Group.IdxX; c < columns; c += Group.DimX) state = LogSumExp.Add(state, x[from + c], c);
        return MergeGroup<LogSumExp, float>(state);
    }
}
