namespace Engine.Peers;

/// <summary>What a workload is one of, for the geometric means.</summary>
internal enum Group
{
    /// <summary>A whole model: a step of training, or inference.</summary>
    Model,

    /// <summary>MatMul, convolution, attention.</summary>
    Compute,

    /// <summary>Bound by memory: pooling, softmax, elementwise functions, optimizers.</summary>
    Memory,
}
