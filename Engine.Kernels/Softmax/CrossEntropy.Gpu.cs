using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void CrossEntropyForwardCore(View logits, View classes, View loss, View logSums, int rows, int columns)
    {
        var (words, code) = ErrorFor(nameof(CrossEntropyForward));
        Launch(CrossEntropyForwardKernel, GroupsOf(rows, columns), Floats(logits), Ints(classes), Floats(loss), Floats(logSums), columns, words, code);
    }

    private protected override void CrossEntropyBackwardCore(View logits, View classes, View logSums, View dy, View dx, int rows, int columns, double scale)
        => Launch(CrossEntropyBackwardKernel, Linear(dx.Length), Floats(logits), Ints(classes), Floats(logSums), Floats(dy), Floats(dx), dx.Length, columns, (float)scale);

    private static void CrossEntropyForwardKernel(ArrayView<float> logits, ArrayView<int> classes, ArrayView<float> loss, ArrayView<float> logSums,
        int columns, ArrayView<int> words, int code)
    {
        int row = Grid.IdxX;
        var sums = RowLogSumExp(logits, row * columns, columns);
        if (Group.IdxX != 0) return;
        float log = FloatMath.Log(sums.B);
        logSums[row] = sums.A + log;
        int k = classes[row];
        if (k < 0 || k >= columns) ErrorWord.Set(words, code, k, columns);
        else loss[row] = sums.A - logits[row * columns + k] + log;
    }

    private static void CrossEntropyBackwardKernel(ArrayView<float> logits, ArrayView<int> classes, ArrayView<float> logSums, ArrayView<float> dy,
        ArrayView<float> dx, int n, int columns, float scale)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= n) return;
        int row = i / columns;
        float softmax = FloatMath.Exp(logits[i] - logSums[row]);
        dx[i] = scale * dy[0] * (i - row * columns == classes[row] ? softmax - 1f : softmax);
    }
}
