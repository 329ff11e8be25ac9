using System.Runtime.InteropServices;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>A thread's room for packed panels, kept from one product to the next.</summary>
    internal sealed class Scratch
    {
        [ThreadStatic] private static Scratch? mine;

        private float* memory;
        private int length;

        /// <summary>Room for so many numbers until this thread asks again, aligned to a cache line.</summary>
        public static float* Take(int length)
        {
            var scratch = mine ??= new Scratch();
            if (scratch.length < length)
            {
                NativeMemory.AlignedFree(scratch.memory);
                scratch.memory = null;
                scratch.length = 0;
                scratch.memory = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 64);
                scratch.length = length;
            }
            return scratch.memory;
        }

        ~Scratch() => NativeMemory.AlignedFree(memory);
    }
}
