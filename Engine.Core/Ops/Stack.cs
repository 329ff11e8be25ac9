namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Joins tensors of one shape along a new axis; copies.</summary>
    /// <param name="parts">At least one; their shapes and types are equal.</param>
    /// <param name="axis">Where the new axis stands in the result; −1 makes it the last.</param>
    /// <returns>The parts' shape, with their number for the new axis.</returns>
    /// <exception cref="ShapeException">There is no part, shapes differ, or the result has no such axis.</exception>
    /// <remarks>Gradient: to each part its slice of dy.</remarks>
    public static Tensor Stack(IReadOnlyList<Tensor> parts, int axis = 0)
    {
        if (parts.Count == 0) throw new ShapeException("Stack: there is nothing to join.");
        for (int i = 1; i < parts.Count; i++)
            if (parts[i].Shape != parts[0].Shape)
                throw new ShapeException($"Stack: input {i}, {parts[i].Describe()}, and input 0, {parts[0].Describe()}, must have one shape. Use Concat along an axis that they have.");
        return Concat([.. parts.Select(part => part.Unsqueeze(axis))], axis);
    }
}
