using System.Runtime.CompilerServices;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Rows that a thread will likely read or write next. They lie apart, where the processor does not foresee them, and are asked for a few at a time while tiles
    /// are computed.</summary>
    /// <param name="each">Rows of each matrix that are asked for at a time.</param>
    private struct RowsAhead(int each)
    {
        private const int Most = 8;

        private AllRows all;
        private int many, next, end;

        /// <summary>Rows of one more matrix, at most so many as are foreseen.</summary>
        public void Add(HeadRows m, int b, int h, int first, int count, int length)
        {
            count = Math.Min(count, KeyTile);
            end = Math.Max(end, count);
            all[many++] = new(m.At(b, h, first), m.Row, count, length);
        }

        /// <summary>Asks for the next ones, if any are left.</summary>
        public void Ask()
        {
            for (int last = Math.Min(end, next + each); next < last; next++)
                for (int k = 0; k < many; k++) all[k].Ask(next);
        }

        private readonly struct Rows(float* at, nint step, int count, int length)
        {
            public void Ask(int i)
            {
                if (i < count) Gemm.Ask(at + i * step, length);
            }
        }

        [InlineArray(Most)]
        private struct AllRows
        {
            private Rows first;
        }
    }
}
