using Engine.Kernels;

namespace Engine.Core;

public abstract partial class Op
{
    private List<Tensor>? spanned;

    /// <summary>The numbers of a tensor in host memory, row-major, to read until Forward or Backward returns.</summary>
    /// <typeparam name="T">On the processor the type of the numbers: float for Float32, int for Int32, byte for UInt8, sbyte for Int8, Half for
    /// Float16, ushort for the bits of BFloat16. On a reference device always double.</typeparam>
    /// <param name="x">An input, the gradient, or a tensor of the op's own.</param>
    /// <exception cref="DeviceException">The tensor is on a GPU: launch a kernel there with <c>GpuDevice.Launch</c>, on <c>gpu.Array&lt;float&gt;(x.View)</c>.</exception>
    /// <exception cref="DTypeException">T is another type.</exception>
    protected ReadOnlySpan<T> Read<T>(Tensor x) where T : unmanaged => Span<T>(x);

    /// <summary>The numbers of a new tensor in host memory, row-major, to write until Forward or Backward returns.</summary>
    /// <param name="y">From <see cref="NewTensor"/>.</param>
    /// <inheritdoc cref="Read{T}"/>
    protected Span<T> Write<T>(Tensor y) where T : unmanaged
    {
        y.RequireWritable();
        return Span<T>(y);
    }

    private Span<T> Span<T>(Tensor x) where T : unmanaged
    {
        if (x.Device is not ReferenceDevice || typeof(T) != typeof(double)) x.RequireType<T>();
        var span = x.Device.HostSpan<T>(x.View);
        (spanned ??= []).Add(x);                                    // a span does not hold its tensor alive
        return span;
    }

    private void EndSpans()
    {
        if (spanned is null) return;
        GC.KeepAlive(spanned);
        spanned = null;
    }
}
