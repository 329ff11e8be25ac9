using Engine.Core;

namespace Engine.Layers;

/// <summary>One number, to be made small, from what a model made and what it should have made: <see cref="Loss.CrossEntropy(Tensor, Tensor)"/>
/// for instance.</summary>
/// <param name="outputs">What the model made.</param>
/// <param name="targets">What it should have made.</param>
public delegate Tensor LossFunction(Tensor outputs, Tensor targets);
