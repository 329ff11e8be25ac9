using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>Numbers of a cache line.</summary>
    internal const int Line = 16;

    /// <summary>Asks for numbers that will be read soon, into the second-level cache.</summary>
    internal static void Ask(float* from, int count)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < count; i += Line) Sse.Prefetch1(from + i);
    }

    /// <summary>What this thread likely packs next: its lines are asked for while tiles are computed.</summary>
    private readonly struct Ahead(float* source, nint step, int count, int length)
    {
        /// <summary>How often each number must be used for there to be time to ask.</summary>
        private const int LeastUses = 64;

        /// <summary>Panels begin..end of a side, or nothing.</summary>
        public static Ahead Of(int uses, Side side, int begin, int end, int term, int depth)
            => uses < LeastUses || begin >= end || !Sse.IsSupported ? default : side.Ahead(begin, end, term, depth);

        public bool IsGiven => count > 0;

        public void Ask(int part, int parts)
        {
            for (int k = (int)((long)count * part / parts); k < (int)((long)count * (part + 1) / parts); k++) Gemm.Ask(source + k * step, length);
        }
    }
}
