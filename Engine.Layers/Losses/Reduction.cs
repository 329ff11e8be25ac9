namespace Engine.Layers;

/// <summary>What a loss makes of its many numbers.</summary>
public enum Reduction
{
    /// <summary>Their mean; where they have weights, as the classes of a cross-entropy may, the weighted mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Their sum over the size of the first axis: the mean over examples, whatever each consists of.</summary>
    BatchMean,

    /// <summary>Nothing: each stays.</summary>
    None,
}
