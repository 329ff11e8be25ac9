using Engine.Kernels;

namespace Engine.Core;

/// <summary>An op made the first number that is not finite, or was given one.</summary>
public sealed class AnomalyException : ArithmeticException, ILocatedError
{
    internal AnomalyException(Op op, bool isBackward, int? input, string message) : base(message)
        => (Op, Attributes, InputShapes, IsBackward, Input) = (op.Name, op.Attributes, [.. op.Inputs.Select(i => i.Shape)], isBackward, input);

    internal AnomalyException(string leaf, string message) : base(message)
        => (Op, Attributes, InputShapes, IsBackward) = (leaf, "", [], true);

    /// <summary>The op's name; that of the tensor, where gradients that were finite had a sum that is not.</summary>
    public string Op { get; }

    /// <summary>The op's settings.</summary>
    public string Attributes { get; }

    /// <summary>The shapes of the op's inputs.</summary>
    public IReadOnlyList<Shape> InputShapes { get; }

    /// <summary>Whether its backward pass made it; else its forward pass.</summary>
    public bool IsBackward { get; }

    /// <summary>Backward the input whose gradient it is; forward the input that was not finite before; null where the result of finite inputs is not.</summary>
    public int? Input { get; }

    /// <inheritdoc/>
    public string? Place { get; set; }

    /// <inheritdoc/>
    public override string Message => Place is null ? base.Message : $"{Place}: {base.Message}";
}
