using ILGPU;

namespace Engine.Kernels;

/// <remarks>Implicit matrix products: the matrix of windows is never stored; a group gathers the part of it that its tile needs. Source: Chetlur
/// et al. 2014, cuDNN: Efficient Primitives for Deep Learning, arXiv:1410.0759.</remarks>
public sealed partial class GpuDevice
{
    /// <summary>Filters of a group below which a tile would be mostly idle: a thread, or a group of threads, computes one number instead.</summary>
    private const int FewFilters = 8;

    /// <summary>Terms that one group of threads adds up for the weights' gradient at least, before the work is cut further.</summary>
    private const int ConvSlice = 256;

    private protected override void Conv2dForwardCore(View x, View w, View y, Conv2dSizes sizes, View? bias, Activation activation)
    {
        var z = new ConvArguments(sizes, bias, activation);
        if (sizes.GroupK < FewFilters) Launch(Conv2dForwardKernel, Linear(y.Length), Floats(x), Floats(w), Floats(bias ?? w), Floats(y), z);
        else LaunchProduct<ConvForward, ConvArguments>(w, x, y, bias, z);
    }

    private protected override void Conv2dBackwardInputCore(View w, View dy, View dx, Conv2dSizes sizes)
    {
        var z = new ConvArguments(sizes);
        if (sizes.GroupC < FewFilters) Launch(Conv2dBackwardInputKernel, Linear(dx.Length), Floats(w), Floats(dy), Floats(dx), z);
        else LaunchProduct<ConvBackwardInput, ConvArguments>(w, dy, dx, null, z);
    }

    private protected override void Conv2dBackwardWeightCore(View x, View dy, View dw, Conv2dSizes sizes)
    {
        var z = new ConvArguments(sizes);
        if (sizes.GroupK < FewFilters)
        {
            Launch(Conv2dBackwardWeightKernel, new(dw.Length, GroupSize), Floats(x), Floats(dy), Floats(dw), z);
            return;
        }
        // Few tiles of many terms each: the terms are cut into slices, whose sums are added in their order.
        int tiles = (int)Groups<ConvBackwardWeight, ConvArguments, LargeTile>(z);
        int slices = Math.Clamp(ConvSlice / Math.Max(1, tiles), 1, Math.Max(1, z.N * z.Pixels / ConvSlice));
        if (slices == 1)
        {
            LaunchProduct<ConvBackwardWeight, ConvArguments>(dy, x, dw, null, z);
            return;
        }
        var sums = Allocate(DType.Float32, slices * dw.Length, nameof(Conv2dBackwardWeight));
        LaunchProduct<ConvBackwardWeight, ConvArguments>(dy, x, new View(sums), null, z, slices);
        Launch(AddSlicesKernel, Linear(dw.Length), Floats(new View(sums)), Floats(dw), dw.Length, slices);
        sums.Release(nameof(Conv2dBackwardWeight));
    }

    private protected override void Conv2dBackwardBiasCore(View dy, View db, Conv2dSizes sizes)
        => Launch(Conv2dBackwardBiasKernel, new(db.Length, GroupSize), Floats(dy), Floats(db), new ConvArguments(sizes));

    private static void Conv2dForwardKernel(ArrayView<float> x, ArrayView<float> w, ArrayView<float> bias, ArrayView<float> y, ConvArguments z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.N * z.K * z.Pixels) return;
        int k = at / z.Pixels % z.K, n = at / z.Pixels / z.K;
        int top = at / z.Q % z.P * z.StrideH - z.PadH, left = at % z.Q * z.StrideW - z.PadW;
        float sum = 0f;
        for (int c = 0; c < z.GroupC; c++)
            for (int r = 0; r < z.R; r++)
            {
                int row = ((n * z.C + k / z.GroupK * z.GroupC + c) * z.H + top + r * z.DilationH) * z.W, tap = ((k * z.GroupC + c) * z.R + r) * z.S;
                if (top + r * z.DilationH < 0 || top + r * z.DilationH >= z.H) continue;
                for (int s = 0; s < z.S; s++)
                {
                    int column = left + s * z.DilationW;
                    if (column >= 0 && column < z.W) sum += x[row + column] * w[tap + s];
                }
            }
        if (z.HasBias != 0) sum += bias[k];
        y[at] = Activate(sum, z.Activation);
    }

    private static void Conv2dBackwardInputKernel(ArrayView<float> w, ArrayView<float> dy, ArrayView<float> dx, ConvArguments z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.N * z.C * z.H * z.W) return;
        int c = at / z.W / z.H % z.C, group = c / z.GroupC, n = at / z.W / z.H / z.C;
        var place = new ColumnPlace(n, at / z.W % z.H + z.PadH, at % z.W + z.PadW);
        float sum = 0f;
        for (int p = 0; p < z.GroupK * z.R * z.S; p++)
            sum += ConvBackwardInput.A(w, z, group, c % z.GroupC, p) * ConvBackwardInput.B(dy, z, group, place, p);
        dx[at] = sum;
    }

    // A group of threads for each number of dw.
    private static void Conv2dBackwardWeightKernel(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dw, ConvArguments z)
    {
        int at = Grid.IdxX, k = at / z.Taps, group = k / z.GroupK;
        var place = ConvBackwardWeight.Column(z, at % z.Taps);
        float sum = 0f;
        for (int p = Group.IdxX; p < z.N * z.Pixels; p += Group.DimX)
            sum += ConvBackwardWeight.A(dy, z, group, k % z.GroupK, p) * ConvBackwardWeight.B(x, z, group, place, p);
        sum = SumOfGroup(sum);
        if (Group.IdxX == 0) dw[at] = sum;
    }

    private static void Conv2dBackwardBiasKernel(ArrayView<float> dy, ArrayView<float> db, ConvArguments z)
    {
        float sum = 0f;
        for (int p = Group.IdxX; p < z.N * z.Pixels; p += Group.DimX)
            sum += dy[(p / z.Pixels * z.K + Grid.IdxX) * z.Pixels + p % z.Pixels];
        sum = SumOfGroup(sum);
        if (Group.IdxX == 0) db[Grid.IdxX] = sum;
    }

    private static void AddSlicesKernel(ArrayView<float> sums, ArrayView<float> total, int n, int slices)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= n) return;
        float sum = 0f;
        for (int slice = 0; slice < slices; slice++) sum += sums[slice * n + at];
        total[at] = sum;
    }

    /// <summary>Σ over the threads of a group, by a tree; thread 0 has it.</summary>
    private static float SumOfGroup(float value)
    {
        var shared = SharedMemory.Allocate<float>(MaxGroupSize);
        shared[Group.IdxX] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (Group.IdxX < half) shared[Group.IdxX] += shared[Group.IdxX + half];
            Group.Barrier();
        }
        return shared[0];
    }
}
