using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    /// <summary>Numbers of a long row that one group sums, or of a long column one thread; what lies before a piece is added by another
    /// kernel.</summary>
    private const int ScanPieceAlong = 2048, ScanPieceAcross = 128;

    internal readonly record struct ScanArguments(ReduceSizes Sizes, int Piece, int Pieces, int Reversed)
    {
        /// <summary>Where the k-th number of a line that is summed lies; a line is (outer, inner).</summary>
        public int At(int line, int k)
            => (line / Sizes.Inner * Sizes.N + (Reversed != 0 ? Sizes.N - 1 - k : k)) * Sizes.Inner + line % Sizes.Inner;

        /// <summary>Where the sum of a piece lies in (outer, pieces, inner).</summary>
        public int SumAt(int line, int piece) => (line / Sizes.Inner * Pieces + piece) * Sizes.Inner + line % Sizes.Inner;
    }

    private protected override void CumulativeSumCore(View x, View y, ReduceSizes sizes, bool reversed)
    {
        bool along = sizes.Inner == 1 && sizes.N >= ReduceShort;
        int piece = along ? ScanPieceAlong : ScanPieceAcross, pieces = (sizes.N + piece - 1) / piece, lines = sizes.Count;
        var z = new ScanArguments(sizes, piece, pieces, reversed ? 1 : 0);
        var sums = Allocate(DType.Float32, lines * pieces, nameof(CumulativeSum));
        if (along) Launch(ScanAlongKernel, GroupsOf(lines * pieces, Math.Min(sizes.N, piece)), Floats(x), Floats(y), Floats(new View(sums)), z);
        else Launch(ScanAcrossKernel, Linear(lines * pieces), Floats(x), Floats(y), Floats(new View(sums)), z);
        if (pieces > 1)
        {
            var before = Allocate(DType.Float32, lines * pieces, nameof(CumulativeSum));
            CumulativeSumCore(new View(sums), new View(before), sizes with { N = pieces }, reversed: false);
            Launch(ScanCarryKernel, Linear(y.Length), Floats(new View(before)), Floats(y), z);
            before.Release(nameof(CumulativeSum));
        }
        sums.Release(nameof(CumulativeSum));
    }

    // A group a piece, as many numbers at a time as it has threads: after the step of d, each holds the sum of the last 2d numbers. Turns take two
    // halves of the shared memory by turns: ILGPU reads the total as late as it can, behind a barrier that would end the turn.
    private static void ScanAlongKernel(ArrayView<float> x, ArrayView<float> y, ArrayView<float> sums, ScanArguments z)
    {
        int line = Grid.IdxX / z.Pieces, piece = Grid.IdxX % z.Pieces, thread = Group.IdxX;
        var shared = SharedMemory.Allocate<float>(2 * MaxGroupSize);
        float before = 0f;
        int half = 0;
        for (int from = piece * z.Piece; from < IntrinsicMath.Min((piece + 1) * z.Piece, z.Sizes.N); from += Group.DimX)
        {
            int k = from + thread;
            float sum = k < z.Sizes.N ? x[z.At(line, k)] : 0f;
            shared[half + thread] = sum;
            Group.Barrier();
            for (int d = 1; d < Group.DimX; d *= 2)
            {
                if (thread >= d) sum += shared[half + thread - d];
                Group.Barrier();
                shared[half + thread] = sum;
                Group.Barrier();
            }
            if (k < z.Sizes.N) y[z.At(line, k)] = before + sum;
            before += shared[half + Group.DimX - 1];
            half = MaxGroupSize - half;
        }
        if (thread == 0) sums[z.SumAt(line, piece)] = before;
    }

    // A thread a piece; neighbours have neighbouring lines.
    private static void ScanAcrossKernel(ArrayView<float> x, ArrayView<float> y, ArrayView<float> sums, ScanArguments z)
    {
        int i = Grid.GlobalIndex.X;
        if (i >= z.Sizes.Count * z.Pieces) return;
        int line = i % z.Sizes.Count, piece = i / z.Sizes.Count, end = IntrinsicMath.Min((piece + 1) * z.Piece, z.Sizes.N);
        float sum = 0f;
        for (int k = piece * z.Piece; k < end; k++)
        {
            sum += x[z.At(line, k)];
            y[z.At(line, k)] = sum;
        }
        sums[z.SumAt(line, piece)] = sum;
    }

    private static void ScanCarryKernel(ArrayView<float> before, ArrayView<float> y, ScanArguments z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.Sizes.Count * z.Sizes.N) return;
        int n = at / z.Sizes.Inner % z.Sizes.N, piece = (z.Reversed != 0 ? z.Sizes.N - 1 - n : n) / z.Piece;
        int line = at / z.Sizes.Inner / z.Sizes.N * z.Sizes.Inner + at % z.Sizes.Inner;
        if (piece > 0) y[at] += before[z.SumAt(line, piece - 1)];
    }
}
