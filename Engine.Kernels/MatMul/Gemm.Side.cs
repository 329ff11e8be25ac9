namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>The rows of A or the columns of B: number i of term t is source[i·across + t·along].</summary>
    private readonly struct Side(float* source, nint across, nint along, int count, int width)
    {
        public nint Across => across;

        public int Count => count;

        /// <summary>Numbers of a panel's term.</summary>
        public int Width => width;

        public int Panels => (count + width - 1) / width;

        /// <summary>Numbers of a term of all panels.</summary>
        public int Room => Panels * width;

        /// <summary>Packs some panels of some terms.</summary>
        public void Pack(int begin, int end, int term, int depth, float* panels)
            => Gemm.Pack(source + begin * width * across + term * along, across, along, Math.Min(end * width, count) - begin * width, width, depth, panels);

        /// <summary>Packs terms begin..end, counted from <paramref name="term"/>, of all panels.</summary>
        public void PackRows(int begin, int end, int term, int depth, float* panels) => Gemm.PackRows(source + term * along, along, count, width, depth, begin, end, panels);

        /// <summary>Asks for the lines of some panels: part by part, while something else is computed.</summary>
        public Ahead Ahead(int begin, int end, int term, int depth)
        {
            int first = begin * width, many = Math.Min(end * width, count) - first;
            float* from = source + first * across + term * along;
            return many <= 0 ? default : across == 1 ? new(from, along, depth, many) : new(from, across, many, depth);
        }
    }
}
