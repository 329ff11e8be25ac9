using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void CrossEntropyForwardCore(View logits, View classes, View loss, View logSums, int rows, int columns, int? ignored, int firstRow)
    {
        var (words, code) = ErrorFor(nameof(CrossEntropyForward));
        Launch(CrossEntropyForwardKernel, GroupsOf(rows, columns), Floats(logits), Ints(classes), Floats(loss), Floats(logSums), new ClassArguments(columns, ignored), words, code);
    }

    private protected override void CrossEntropyBackwardCore(View logits, View classes, View logSums, View dy, View dx, int rows, int columns, double scale, int? ignored)
        => Launch(CrossEntropyBackwardKernel, Linear(dx.Length), Floats(logits), Ints(classes), Floats(logSums), Floats(dy), Floats(dx), dx.Length, new ClassArguments(columns, ignored), (float)scale);

    internal readonly record struct ClassArguments(int Columns, int Ignored, int Ignores)
    {
        public ClassArguments(int columns, int? ignored) : this(columns, ignored ?? 0, ignored is null ? 0 : 1) { }

        public int IsIgnored(int k) => Ignores != 0 && k == Ignored ? 1 : 0;
    }

    private static void CrossEntropyForwardKernel(ArrayView<float> logits, ArrayView<int> classes, ArrayView<float> loss, ArrayView<float> logSums,
        ClassArguments z, ArrayView<int> words, int code)
    {
        int row = Grid.IdxX, columns = z.Columns;
        var sums = RowLogSumExp(logits, row * columns, columns);
        if (Group.IdxX != 0) return;
        int k = classes[row];
        if (z.IsIgnored(k) != 0)
        {
            logSums[row] = 0f;
            loss[row] = 0f;
            return;
        }
        float log = FloatMath.Log(sums.B);
        logSums[row] = sums.A + log;
        if (k < 0 || k >= columns) ErrorWord.Set(words, code, k, columns);
        else loss[row] = sums.A - logits[row * columns + k] + log;
    }

    private static void CrossEntropyBackwardKernel(ArrayView<float> logits, ArrayView<int> classes, ArrayView<float> logSums, ArrayView<float> dy,
        ArrayView<float> dx, int n, ClassArguments z, float scale)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= n) return;
        int row = i / z.Columns, k = classes[row];
        float softmax = FloatMath.Exp(logits[i] - logSums[row]), d = scale * dy[0] * (i - row * z.Columns == k ? softmax - 1f : softmax);
        if (z.IsIgnored(k) != 0) d = 0f;
        dx[i] = d;
    }
}
