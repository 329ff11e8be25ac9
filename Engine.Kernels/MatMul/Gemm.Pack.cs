namespace Engine.Kernels;

internal static unsafe partial class Gemm
{
    /// <summary>panel[p·width + i] = source[i·across + p·along] for i in 0..count−1, and 0 from there to width.</summary>
    private static void Pack(float* source, nint across, nint along, int count, int width, int depth, float* panel)
    {
        for (int p = 0; p < depth; p++, source += along, panel += width)
        {
            for (int i = 0; i < count; i++) panel[i] = source[i * across];
            for (int i = count; i < width; i++) panel[i] = 0;
        }
    }
}
