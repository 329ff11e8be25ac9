namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void AttentionForwardCore(AttentionInputs x, Matrices y, View logSums, AttentionSizes sizes)
        => throw new DeviceException("Attention is not there on a GPU yet.");

    private protected override void AttentionBackwardCore(AttentionInputs x, Matrices y, View logSums, Matrices dy, Matrices dq, Matrices dk, Matrices dv, AttentionSizes sizes)
        => throw new DeviceException("Attention is not there on a GPU yet.");
}
