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
        int hasBias = bias is null ? 0 : 1;
        if (sizes.GroupK < FewFilters)
            Launch(Conv2dForwardKernel, Linear(y.Length), Floats(x), Floats(w), Floats(bias ?? w), Floats(y), new ConvArguments(sizes), hasBias, (int)activation);
        else
            LaunchProduct<ConvForward>(w, x, y, sizes, 1, bias, activation);
    }

    private protected override void Conv2dBackwardInputCore(View w, View dy, View dx, Conv2dSizes sizes)
    {
        if (sizes.GroupC < FewFilters) Launch(Conv2dBackwardInputKernel, Linear(dx.Length), Floats(w), Floats(dy), Floats(dx), new ConvArguments(sizes));
        else LaunchProduct<ConvBackwardInput>(w, dy, dx, sizes, 1, null, Activation.None);
    }

    private protected override void Conv2dBackwardWeightCore(View x, View dy, View dw, Conv2dSizes sizes)
    {
        if (sizes.GroupK < FewFilters)
        {
            Launch(Conv2dBackwardWeightKernel, new(dw.Length, GroupSize), Floats(x), Floats(dy), Floats(dw), new ConvArguments(sizes));
            return;
        }
        // Few tiles of many terms each: the terms are cut into slices, whose sums are added in their order.
        int tiles = ConvGroups<ConvBackwardWeight, LargeTile>(sizes, 1);
        int slices = Math.Clamp(ConvSlice / Math.Max(1, tiles), 1, Math.Max(1, sizes.N * sizes.Pixels / ConvSlice));
        if (slices == 1)
        {
            LaunchProduct<ConvBackwardWeight>(dy, x, dw, sizes, 1, null, Activation.None);
            return;
        }
        var sums = Allocate(DType.Float32, slices * dw.Length, nameof(Conv2dBackwardWeight));
        LaunchProduct<ConvBackwardWeight>(dy, x, new View(sums), sizes, slices, null, Activation.None);
        Launch(AddSlicesKernel, Linear(dw.Length), Floats(new View(sums)), Floats(dw), dw.Length, slices);
        sums.Release(nameof(Conv2dBackwardWeight));
    }

    private protected override void Conv2dBackwardBiasCore(View dy, View db, Conv2dSizes sizes)
        => Launch(Conv2dBackwardBiasKernel, new(db.Length, GroupSize), Floats(dy), Floats(db), new ConvArguments(sizes));

    private void LaunchProduct<O>(View a, View b, View c, Conv2dSizes sizes, int slices, View? bias, Activation activation) where O : struct, IConvProduct
    {
        if (GroupSize < 256) Run<EmulatorTile>(ConvProductKernel<O, EmulatorTile>);
        else if (ConvGroups<O, LargeTile>(sizes, slices) >= 2 * accelerator.NumMultiprocessors) Run<LargeTile>(ConvProductKernel<O, LargeTile>);
        else Run<SmallTile>(ConvProductKernel<O, SmallTile>);

        void Run<T>(Action<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ConvArguments, int, int, int> kernel) where T : struct, IMatMulTile
            => Launch(kernel, new(ConvGroups<O, T>(sizes, slices), T.Side * T.Side), Floats(a), Floats(b), Floats(c), Floats(bias ?? a),
                new ConvArguments(sizes), slices, bias is null ? 0 : 1, (int)activation);
    }

    private static int ConvGroups<O, T>(Conv2dSizes sizes, int slices) where O : struct, IConvProduct where T : struct, IMatMulTile
    {
        var z = new ConvArguments(sizes);
        int block = T.Side * T.Micro;
        return (O.Rows(z) + block - 1) / block * ((O.Columns(z) + block - 1) / block) * z.Groups * slices;
    }

    private static void Conv2dForwardKernel(ArrayView<float> x, ArrayView<float> w, ArrayView<float> bias, ArrayView<float> y, ConvArguments z, int hasBias, int activation)
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
        if (hasBias != 0) sum += bias[k];
        y[at] = Activate(sum, activation);
    }

    private static void Conv2dBackwardInputKernel(ArrayView<float> w, ArrayView<float> dy, ArrayView<float> dx, ConvArguments z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.N * z.C * z.H * z.W) return;
        int c = at / z.W / z.H % z.C, group = c / z.GroupC, n = at / z.W / z.H / z.C;
        var place = new ConvPlace(n, at / z.W % z.H + z.PadH, at % z.W + z.PadW);
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
