using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    /// <summary>Rows that one thread sums of a channel, where channels lie side by side; the pieces are summed by a second kernel.</summary>
    private const int NormPiece = 64;

    internal readonly record struct RowNormArguments(RowNormSizes Sizes, float Epsilon, int HasResidual, int HasWeight, int HasBias, int HasMean);

    internal readonly record struct RowNormViews(ArrayView<float> Weight, ArrayView<float> Bias, ArrayView<float> Mean, ArrayView<float> Scale);

    private protected override void RowNormForwardCore(View x, View? residual, View? sum, View y, RowNorm norm, View? bias, RowNormSizes sizes, double epsilon)
    {
        var z = new RowNormArguments(sizes, (float)epsilon, Given(residual), Given(norm.Weight), Given(bias), Given(norm.Mean));
        Launch(RowNormForwardKernel, GroupsOf(sizes.Rows, sizes.Columns), Floats(x), Floats(residual ?? x), Floats(sum ?? x), Floats(y), Parts(norm, bias), z);
    }

    private protected override void RowNormBackwardCore(View x, View dy, RowNorm norm, View? dx, View? dweight, View? dbias, RowNormSizes sizes)
    {
        var z = new RowNormArguments(sizes, 0f, 0, Given(norm.Weight), 0, Given(norm.Mean));
        var parts = Parts(norm, null);
        if (dx is { } d) Launch(RowNormBackwardInputKernel, GroupsOf(sizes.Rows, sizes.Columns), Floats(x), Floats(dy), Floats(d), parts, z);
        if (dweight is null && dbias is null) return;
        int all = sizes.AllChannels, examples = sizes.Rows / sizes.Groups;
        if (sizes.Space > 1)
        {
            Launch(RowNormChannelKernel, GroupsOf(all, examples * sizes.Space), Floats(x), Floats(dy), Floats(dweight ?? dbias!.Value), Floats(dbias ?? dweight!.Value), parts, z,
                Given(dweight), Given(dbias));
            return;
        }
        int pieces = (examples + NormPiece - 1) / NormPiece;
        var partial = Allocate(DType.Float32, 2 * pieces * all, nameof(RowNormBackward));
        View weights = new(partial, 0, pieces * all), biases = new(partial, pieces * all, pieces * all);
        Launch(RowNormPieceKernel, Linear(pieces * all), Floats(x), Floats(dy), Floats(weights), Floats(biases), parts, z);
        if (dweight is { } w) Launch(RowNormPiecesKernel, Linear(all), Floats(weights), Floats(w), pieces, all);
        if (dbias is { } b) Launch(RowNormPiecesKernel, Linear(all), Floats(biases), Floats(b), pieces, all);
        partial.Release(nameof(RowNormBackward));
    }

    private static int Given(View? view) => view is null ? 0 : 1;

    private RowNormViews Parts(RowNorm norm, View? bias)
        => new(Floats(norm.Weight ?? norm.Scale), Floats(bias ?? norm.Scale), Floats(norm.Mean ?? norm.Scale), Floats(norm.Scale));

    // A group a row.
    private static void RowNormForwardKernel(ArrayView<float> x, ArrayView<float> residual, ArrayView<float> sum, ArrayView<float> y, RowNormViews v, RowNormArguments z)
    {
        int row = Grid.IdxX, n = z.Sizes.Channels * z.Sizes.Space, from = row * n, channel = row % z.Sizes.Groups * z.Sizes.Channels;
        float total = 0f, squares = 0f, mean = 0f;
        for (int j = Group.IdxX; j < n; j += Group.DimX)
        {
            float value = x[from + j];
            if (z.HasResidual != 0)
            {
                value += residual[from + j];
                sum[from + j] = value;
            }
            total += value;
        }
        if (z.HasMean != 0) mean = SumOfGroup(total, 0f).A / n;
        for (int j = Group.IdxX; j < n; j += Group.DimX)
        {
            float d = sum[from + j] - mean;
            squares += d * d;
        }
        float scale = 1f / MathF.Sqrt(SumOfGroup(squares, 0f).A / n + z.Epsilon);
        if (Group.IdxX == 0)
        {
            if (z.HasMean != 0) v.Mean[row] = mean;
            v.Scale[row] = scale;
        }
        for (int j = Group.IdxX; j < n; j += Group.DimX)
        {
            float value = (sum[from + j] - mean) * scale;
            int c = channel + j / z.Sizes.Space;
            if (z.HasWeight != 0) value *= v.Weight[c];
            if (z.HasBias != 0) value += v.Bias[c];
            y[from + j] = value;
        }
    }

    // A group a row.
    private static void RowNormBackwardInputKernel(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dx, RowNormViews v, RowNormArguments z)
    {
        int row = Grid.IdxX, n = z.Sizes.Channels * z.Sizes.Space, from = row * n, channel = row % z.Sizes.Groups * z.Sizes.Channels;
        float mean = z.HasMean != 0 ? v.Mean[row] : 0f, scale = v.Scale[row], sum = 0f, product = 0f;
        for (int j = Group.IdxX; j < n; j += Group.DimX)
        {
            float g = dy[from + j];
            if (z.HasWeight != 0) g *= v.Weight[channel + j / z.Sizes.Space];
            sum += g;
            product += g * (x[from + j] - mean) * scale;
        }
        var sums = SumOfGroup(sum, product);
        sum = z.HasMean != 0 ? sums.A / n : 0f;
        product = sums.B / n;
        for (int j = Group.IdxX; j < n; j += Group.DimX)
        {
            float g = dy[from + j];
            if (z.HasWeight != 0) g *= v.Weight[channel + j / z.Sizes.Space];
            dx[from + j] = scale * (g - sum - (x[from + j] - mean) * scale * product);
        }
    }

    // A group a channel, which has planes.
    private static void RowNormChannelKernel(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dweight, ArrayView<float> dbias, RowNormViews v, RowNormArguments z, int weighted, int biased)
    {
        int c = Grid.IdxX, all = z.Sizes.Groups * z.Sizes.Channels, n = z.Sizes.Rows / z.Sizes.Groups * z.Sizes.Space;
        float product = 0f, sum = 0f;
        for (int m = Group.IdxX; m < n; m += Group.DimX)
        {
            int example = m / z.Sizes.Space, at = (example * all + c) * z.Sizes.Space + m % z.Sizes.Space, row = example * z.Sizes.Groups + c / z.Sizes.Channels;
            float d = dy[at], mean = z.HasMean != 0 ? v.Mean[row] : 0f;
            product += d * (x[at] - mean) * v.Scale[row];
            sum += d;
        }
        var sums = SumOfGroup(product, sum);
        if (Group.IdxX != 0) return;
        if (weighted != 0) dweight[c] = sums.A;
        if (biased != 0) dbias[c] = sums.B;
    }

    // A thread for each channel and piece, channels first, so that neighbours read neighbours.
    private static void RowNormPieceKernel(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dweight, ArrayView<float> dbias, RowNormViews v, RowNormArguments z)
    {
        int at = Grid.GlobalIndex.X, all = z.Sizes.Groups * z.Sizes.Channels, examples = z.Sizes.Rows / z.Sizes.Groups;
        int c = at % all, first = at / all * NormPiece, last = IntrinsicMath.Min(first + NormPiece, examples);
        if (first >= examples) return;
        float product = 0f, sum = 0f;
        for (int example = first; example < last; example++)
        {
            int row = example * z.Sizes.Groups + c / z.Sizes.Channels;
            float d = dy[example * all + c], mean = z.HasMean != 0 ? v.Mean[row] : 0f;
            product += d * (x[example * all + c] - mean) * v.Scale[row];
            sum += d;
        }
        dweight[at] = product;
        dbias[at] = sum;
    }

    private static void RowNormPiecesKernel(ArrayView<float> pieces, ArrayView<float> y, int count, int channels)
    {
        int c = Grid.GlobalIndex.X;
        if (c >= channels) return;
        float sum = 0f;
        for (int piece = 0; piece < count; piece++) sum += pieces[piece * channels + c];
        y[c] = sum;
    }

    /// <summary>Two sums over the threads of a group, A and B, for all of them.</summary>
    private static ReduceState SumOfGroup(float a, float b)
    {
        var shared = SharedMemory.Allocate<ReduceState>(MaxGroupSize);
        shared[Group.IdxX] = new ReduceState(a, b, 0);
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (Group.IdxX < half)
                shared[Group.IdxX] = new ReduceState(shared[Group.IdxX].A + shared[Group.IdxX + half].A, shared[Group.IdxX].B + shared[Group.IdxX + half].B, 0);
            Group.Barrier();
        }
        return shared[0];
    }
}
