using System.Runtime.InteropServices;

namespace Engine.Benchmarks;

/// <summary>Floats that begin at a cache line and stay where they are until they are disposed.</summary>
internal sealed unsafe class Floats(int length) : IDisposable
{
    public float* At { get; } = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 64);

    public Span<float> Span => new(At, length);

    public void Dispose() => NativeMemory.AlignedFree(At);
}
