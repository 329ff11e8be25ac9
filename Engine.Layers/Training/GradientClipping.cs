using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Holds gradients within bounds before the optimizer's step: <c>BeforeStep = p => p.ClipGradNorm(1)</c> in a <see cref="Trainer"/>.</summary>
public static class GradientClipping
{
    /// <summary>Scales all gradients by one factor where their norm, taken over all of them together, is over the greatest allowed. The norm is
    /// computed on the device; only a number for each parameter is read, all at once.</summary>
    /// <param name="parameters">Those of a model; what has no gradient is passed by.</param>
    /// <param name="maxNorm">The greatest norm allowed; infinity to only measure.</param>
    /// <param name="errorIfNonFinite">Whether a norm that is NaN or infinite is an error; else the gradients are left as they are then.</param>
    /// <returns>√Σ g² before clipping; 0 where there are no gradients.</returns>
    /// <exception cref="ArgumentOutOfRangeException">maxNorm is not positive.</exception>
    /// <exception cref="NonFiniteGradientException">The norm is NaN or infinite; nothing was changed.</exception>
    /// <remarks>The factor is maxNorm / (norm + 10⁻⁶), as in PyTorch. Source: Pascanu, Mikolov and Bengio 2012, arXiv:1211.5063.</remarks>
    public static double ClipGradNorm(this IReadOnlyList<Parameter> parameters, double maxNorm, bool errorIfNonFinite = true)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!(maxNorm > 0)) throw new ArgumentOutOfRangeException(nameof(maxNorm), maxNorm, "It is positive.");
        var clipped = WithGradients(parameters);
        double[] squares = Squares(clipped);
        double norm = Math.Sqrt(squares.Sum());
        if (!double.IsFinite(norm))
        {
            if (errorIfNonFinite) throw new NonFiniteGradientException(norm, [.. clipped.Where((_, i) => !double.IsFinite(squares[i])).Select(p => p.Name)]);
            return norm;
        }
        double factor = maxNorm / (norm + 1e-6);
        if (factor < 1)
            foreach (var parameter in clipped) InPlace.Scale(parameter.Value.GatheredNumbers!, factor);
        return norm;
    }

    /// <summary>Holds each number of each gradient within ±most.</summary>
    /// <param name="parameters">Those of a model; what has no gradient is passed by.</param>
    /// <param name="most">The greatest size allowed.</param>
    /// <exception cref="ArgumentOutOfRangeException">most is not positive.</exception>
    public static void ClipGradValue(this IReadOnlyList<Parameter> parameters, double most)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!(most > 0)) throw new ArgumentOutOfRangeException(nameof(most), most, "It is positive.");
        foreach (var parameter in WithGradients(parameters)) InPlace.Clamp(parameter.Value.GatheredNumbers!, -most, most);
    }

    private static Parameter[] WithGradients(IReadOnlyList<Parameter> parameters)
        => [.. parameters.Distinct().Where(p => p.Trainable && p.Value.GatheredNumbers is not null)];

    /// <summary>Σ g² of each, computed where they are, and read at once: one read for each device.</summary>
    private static double[] Squares(Parameter[] parameters)
    {
        var squares = new double[parameters.Length];
        foreach (var group in Enumerable.Range(0, parameters.Length).GroupBy(i => parameters[i].Value.Device))
        {
            double[] read = Tensor.SquareSums([.. group.Select(i => parameters[i].Value.GatheredNumbers!)]);
            foreach (var (i, square) in group.Zip(read)) squares[i] = square;
        }
        return squares;
    }
}

/// <summary>Gradients that are not finite, or too large for their squares to be: no step by them can be right.</summary>
public sealed class NonFiniteGradientException(double norm, IReadOnlyList<string> parameters) : Exception(
    $"The gradients' norm is {norm.ToString(CultureInfo.InvariantCulture)}: those of {string.Join(", ", parameters)} are not finite, or too large to square. Lower the learning rate, look for numbers in that batch that are not finite, or train with DetectAnomaly to see which op makes the first.")
{
    /// <summary>NaN, or infinity.</summary>
    public double Norm { get; } = norm;

    /// <summary>The names of the parameters whose gradients they are.</summary>
    public IReadOnlyList<string> Parameters { get; } = parameters;
}
