using Engine.Kernels;

namespace Engine.Core;

/// <summary>How an op whose kernel can end with an activation (MatMul, Conv2d, BatchNorm) uses it. The kernel applies it while the numbers are in registers
/// or cache, unless a backward pass will need what went in (Gelu, GeluTanh, Silu): then the kernel leaves it out, and one more kernel applies it.</summary>
/// <remarks>In Forward: <c>fused = InKernel(activation, Recording)</c>, the kernel with <c>fused</c>, the op's own Saves, and last
/// <c>return Finish(activation, fused, y, this)</c>. In Backward: <c>dz = Backward(activation, Saved(last), dy)</c> unless it is None,
/// and last <c>End(dz, dy)</c>, unless dz is handed on.</remarks>
internal static class Epilogue
{
    /// <summary>What the kernel is to apply.</summary>
    public static Activation InKernel(Activation activation, bool recording)
        => recording && activation.DerivativeUsesInput() ? Activation.None : activation;

    /// <summary>The result, from what the kernel made; the op saves what <see cref="Backward"/> reads.</summary>
    public static Tensor Finish(Activation activation, Activation fused, Tensor y, Op op)
    {
        if (fused == activation)
        {
            if (activation != Activation.None) op.Save(y);
            return y;
        }
        var result = Tensor.Empty(y.Shape, y.Device, op: activation.ToString());
        y.Device.Activate(y.View, result.View, activation);
        op.Save(y, owned: true);
        return result;
    }

    /// <summary>The gradient of the activation's input.</summary>
    /// <param name="activation">Not None.</param>
    /// <param name="saved">What <see cref="Finish"/> saved.</param>
    /// <param name="dy">The gradient of its result.</param>
    public static Tensor Backward(Activation activation, Tensor saved, Tensor dy)
    {
        var dx = Tensor.Empty(dy.Shape, dy.Device, op: activation.ToString());
        dy.Device.ActivateBackward(saved.View, dy.View, dx.View, activation);
        return dx;
    }

    /// <summary>Gives back what <see cref="Backward"/> made, if it did, once all gradients are there: the backward pass' end would come late.</summary>
    public static void End(Tensor dz, Tensor dy)
    {
        if (dz != dy) dz.EndStorage("the backward pass");
    }

    /// <summary>The activation as an op of its own, after a kernel that cannot end with one.</summary>
    public static Tensor Apply(Activation activation, Tensor x) => activation switch
    {
        Activation.None => x,
        Activation.Relu => x.Relu(),
        Activation.Gelu => x.Gelu(),
        Activation.Sigmoid => x.Sigmoid(),
        Activation.Tanh => x.Tanh(),
        Activation.Silu => x.Silu(),
        Activation.GeluTanh => x.GeluTanh(),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "There is no such activation."),
    };
}
