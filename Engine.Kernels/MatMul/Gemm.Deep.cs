using System.Buffers;
using System.Numerics;

namespace Engine.Kernels;

// Where sums are long beside rows and columns, what threads share is the sums: a part of the terms needs a part of A and one of B that nobody else reads.
internal static unsafe partial class Gemm
{
    /// <summary>Terms of a part at least, also where C is small.</summary>
    private const int LeastPart = 256;

    /// <summary>Numbers of C for a term of a part at most: with more, writing and adding C costs more than it saves. It saves less where A lies by rows, for then
    /// the threads that made its rows, and will read C's, are those that have them without parts.</summary>
    private const int NumbersPerTerm = 512, NumbersPerTermOfRows = 256;

    private const int MostParts = 16;

    /// <summary>Numbers that all parts write at most.</summary>
    private const int MostSums = 1 << 20;

    /// <summary>Multiplications of a product that is worth it.</summary>
    private const int LeastDeepWork = 1 << 21;

    /// <summary>Into how many parts of its terms a product is cut: by its sizes and how A lies alone, and a power of two, for parts are even shares.</summary>
    private static int DeepParts(in Product x)
    {
        long numbers = (long)x.M * x.N, least = Math.Max(LeastPart, numbers / (x.AColumn == 1 ? NumbersPerTermOfRows : NumbersPerTerm));
        if (x.M <= TileRows || x.N <= TileColumns || x.CColumn != 1 || x.K < 2 * least || x.Work < LeastDeepWork) return 1;
        long most = Math.Min(Math.Min(MostParts, Math.Max(2, x.K / (2 * least))), MostSums / numbers);
        return 1 << BitOperations.Log2((uint)Math.Max(1, most));
    }

    /// <summary>C = Σ over parts, the first to the last, each of which a thread makes alone. What an error leaves of the room for them is the collector's.</summary>
    private static void RunDeep(in Product product, int parts, WorkerPool? workers)
    {
        float[] rented = ArrayPool<float>.Shared.Rent((parts - 1) * product.M * product.N);
        fixed (float* sums = rented)
        {
            var given = (product, parts, (nint)sums);
            if (workers is not null)
            {
                workers.For(parts, given, static (part, given) => RunPart(given, part));
                workers.For(product.M, given, static (row, given) => AddParts(given, row));
            }
            else
            {
                for (int part = 0; part < parts; part++) RunPart(given, part);
                for (int row = 0; row < product.M; row++) AddParts(given, row);
            }
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    private static void RunPart((Product, int, nint) given, int part)
    {
        var (x, parts, sums) = given;
        int first = (int)((long)x.K * part / parts);
        var mine = x with { A = x.A + first * x.AColumn, B = x.B + first * x.BRow, K = (int)((long)x.K * (part + 1) / parts) - first, Bias = null, Activation = Activation.None };
        if (part > 0) mine = mine with { C = (float*)sums + (nint)(part - 1) * x.M * x.N, CRow = x.N, Accumulate = false };
        RunBlocks(mine, null);
    }

    private static void AddParts((Product, int, nint) given, int row)
    {
        var (x, parts, sums) = given;
        for (int part = 1; part < parts; part++)
            CpuDevice.AddRow((float*)sums + ((nint)(part - 1) * x.M + row) * x.N, x.C + row * x.CRow, x.N);
        Finish(x, row, 1, 0, x.N);
    }
}
