using Engine.Core;

namespace Engine.Layers;

/// <summary>All that an optimizer needs to go on as if it had never stopped.</summary>
/// <param name="Kind">The optimizer's name, "Adam".</param>
/// <param name="Tensors">Copies of what it remembers, by parameter and name, "fc.weight.mean".</param>
/// <param name="Numbers">Steps, of each parameter too, and learning rates.</param>
public sealed record OptimizerState(string Kind, IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, double> Numbers);

/// <summary>An optimizer's state that does not fit the optimizer, or has no names to be saved under; the message says what and why.</summary>
public sealed class OptimizerStateException(string message) : Exception(message);
