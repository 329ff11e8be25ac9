using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>panel[p·width + i] = source[i·across + p·along] for i in 0..count−1 and p in 0..depth−1, and 0 for i from count to width.</summary>
    internal static void Pack(float* source, nint across, nint along, int count, int width, int depth, float* panel)
    {
        if (count < width) new Span<float>(panel, width * depth).Clear();
        if (across == 1) PackRows(source, along, count, width, depth, panel);
        else if (along == 1) PackTransposed(source, across, count, width, depth, panel);
        else PackAny(source, across, along, count, width, depth, panel);
    }

    private static void PackAny(float* source, nint across, nint along, int count, nint width, int depth, float* panel)
    {
        for (int p = 0; p < depth; p++)
            for (int i = 0; i < count; i++) panel[p * width + i] = source[i * across + p * along];
    }

    private static void PackRows(float* source, nint along, int count, int width, int depth, float* panel)
    {
        for (int p = 0; p < depth; p++, source += along, panel += width)
        {
            int i = 0;
            for (; i <= count - 16; i += 16) Vector512.Load(source + i).Store(panel + i);
            for (; i <= count - 4; i += 4) Vector128.Load(source + i).Store(panel + i);
            for (; i < count; i++) panel[i] = source[i];
        }
    }

    /// <summary>panel[p·width + i] = source[i·across + p] for i in 0..count−1 and p in 0..depth−1: four by four numbers at a time turn over in
    /// registers.</summary>
    internal static void PackTransposed(float* source, nint across, int count, nint width, int depth, float* panel)
    {
        if (!Sse.IsSupported)
        {
            PackAny(source, across, 1, count, width, depth, panel);
            return;
        }
        int i = 0, whole = depth & ~3;
        for (; i <= count - 4; i += 4)
        {
            float* s = source + i * across;
            float* t = panel + i;
            for (int p = 0; p < whole; p += 4, s += 4, t += 4 * width)
            {
                Vector128<float> a = Vector128.Load(s), b = Vector128.Load(s + across), c = Vector128.Load(s + 2 * across), d = Vector128.Load(s + 3 * across);
                Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d), AB = Sse.UnpackHigh(a, b), CD = Sse.UnpackHigh(c, d);
                Sse.MoveLowToHigh(ab, cd).Store(t);
                Sse.MoveHighToLow(cd, ab).Store(t + width);
                Sse.MoveLowToHigh(AB, CD).Store(t + 2 * width);
                Sse.MoveHighToLow(CD, AB).Store(t + 3 * width);
            }
        }
        PackAny(source + whole, across, 1, i, width, depth - whole, panel + whole * width);
        PackAny(source + i * across, across, 1, count - i, width, depth, panel + i);
    }
}
