using Engine.Kernels;

namespace Engine.Core;

/// <summary>A copy with memory of its own.</summary>
internal sealed class CloneOp : Op
{
    public override string Name => "Clone";

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = NewTensor(x.Shape, x.DType);
        x.Device.StridedCopy(x.View, y.View, CopySizes.Merge([x.Count], [1], [1]));
        return y;
    }

    public override Tensor?[] Backward(Tensor dy) => [dy];
}
