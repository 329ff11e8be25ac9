using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    /// <summary>Numbers that one group reduces of a long row, or one thread of a long column; the states of the pieces are merged by a
    /// second kernel.</summary>
    private const int ReducePieceAlong = 8192, ReducePieceAcross = 128;

    /// <summary>Rows shorter than this are one thread's work.</summary>
    private const int ReduceShort = 64;

    internal readonly record struct ReduceArguments(ReduceSizes Sizes, int Piece, int Pieces, float Scale);

    private protected override void ReduceCore<R, T>(View x, View y, ReduceSizes sizes, double scale)
    {
        bool along = sizes.Inner == 1 && sizes.N >= ReduceShort;
        int piece = along ? ReducePieceAlong : ReducePieceAcross;
        var z = new ReduceArguments(sizes, piece, Math.Max(1, (sizes.N + piece - 1) / piece), (float)scale);
        int states = sizes.Count * z.Pieces;
        var groups = along ? GroupsOf(states, sizes.N) : Linear(states);
        if (z.Pieces == 1)
        {
            if (along) Launch(ReduceAlongKernel<R, T>, groups, Floats(x), Array<T>(y), z);
            else Launch(ReduceAcrossKernel<R, T>, groups, Floats(x), Array<T>(y), z);
            return;
        }
        var partial = Allocate(DType.Float32, 3 * states, R.Name);
        var found = Floats(new View(partial)).Cast<ReduceState>();
        if (along) Launch(ReduceAlongPartKernel<R, T>, groups, Floats(x), found, z);
        else Launch(ReduceAcrossPartKernel<R, T>, groups, Floats(x), found, z);
        Launch(ReduceMergeKernel<R, T>, GroupsOf(sizes.Count, z.Pieces), found, Array<T>(y), z);
        partial.Release(R.Name);
    }

    private static void ReduceAlongKernel<R, T>(ArrayView<float> x, ArrayView<T> y, ReduceArguments z) where R : struct, IReducer<T> where T : unmanaged
    {
        var state = AlongState<R, T>(x, z);
        if (Group.IdxX == 0) y[Grid.IdxX] = R.Finish(state, z.Scale);
    }

    private static void ReduceAlongPartKernel<R, T>(ArrayView<float> x, ArrayView<ReduceState> states, ReduceArguments z) where R : struct, IReducer<T> where T : unmanaged
    {
        var state = AlongState<R, T>(x, z);
        if (Group.IdxX == 0) states[Grid.IdxX] = state;
    }

    private static void ReduceAcrossKernel<R, T>(ArrayView<float> x, ArrayView<T> y, ReduceArguments z) where R : struct, IReducer<T> where T : unmanaged
    {
        int at = Grid.GlobalIndex.X;
        if (at < z.Sizes.Count) y[at] = R.Finish(AcrossState<R, T>(x, at, 0, z), z.Scale);
    }

    // A thread for each result and piece, results first, so that neighbours read neighbours.
    private static void ReduceAcrossPartKernel<R, T>(ArrayView<float> x, ArrayView<ReduceState> states, ReduceArguments z) where R : struct, IReducer<T> where T : unmanaged
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.Sizes.Count * z.Pieces) return;
        int result = at % z.Sizes.Count, piece = at / z.Sizes.Count;
        states[result * z.Pieces + piece] = AcrossState<R, T>(x, result, piece, z);
    }

    // A group a result.
    private static void ReduceMergeKernel<R, T>(ArrayView<ReduceState> states, ArrayView<T> y, ReduceArguments z) where R : struct, IReducer<T> where T : unmanaged
    {
        var state = R.Start();
        for (int piece = Group.IdxX; piece < z.Pieces; piece += Group.DimX) state = R.Merge(state, states[Grid.IdxX * z.Pieces + piece]);
        state = MergeGroup<R, T>(state);
        if (Group.IdxX == 0) y[Grid.IdxX] = R.Finish(state, z.Scale);
    }

    private static ReduceState AlongState<R, T>(ArrayView<float> x, ReduceArguments z) where R : struct, IReducer<T> where T : unmanaged
    {
        int row = Grid.IdxX / z.Pieces, begin = Grid.IdxX % z.Pieces * z.Piece;
        int end = IntrinsicMath.Min(begin + z.Piece, z.Sizes.N);
        var state = R.Start();
        for (int n = begin + Group.IdxX; n < end; n += Group.DimX) state = R.Add(state, x[row * z.Sizes.N + n], n);
        return MergeGroup<R, T>(state);
    }

    private static ReduceState AcrossState<R, T>(ArrayView<float> x, int result, int piece, ReduceArguments z) where R : struct, IReducer<T> where T : unmanaged
    {
        int from = result / z.Sizes.Inner * z.Sizes.N * z.Sizes.Inner + result % z.Sizes.Inner;
        int end = IntrinsicMath.Min((piece + 1) * z.Piece, z.Sizes.N);
        var state = R.Start();
        for (int n = piece * z.Piece; n < end; n++) state = R.Add(state, x[from + n * z.Sizes.Inner], n);
        return state;
    }

    /// <summary>The states of a group's threads into one, which its first thread has.</summary>
    private static ReduceState MergeGroup<R, T>(ReduceState state) where R : struct, IReducer<T> where T : unmanaged
    {
        var shared = SharedMemory.Allocate<ReduceState>(MaxGroupSize);
        shared[Group.IdxX] = state;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (Group.IdxX < half) shared[Group.IdxX] = R.Merge(shared[Group.IdxX], shared[Group.IdxX + half]);
            Group.Barrier();
        }
        return shared[0];
    }
}
