using Engine.Core;

namespace Engine.Layers;

/// <summary>A metric of numbers against numbers.</summary>
public abstract class NumberMetric : Metric
{
    private protected double Absolute, Square, Targets, TargetSquares;
    private protected long Numbers;

    /// <inheritdoc/>
    public override double[] State
    {
        get => [Numbers, Absolute, Square, Targets, TargetSquares];
        set => (Numbers, Absolute, Square, Targets, TargetSquares) = ((long)value[0], value[1], value[2], value[3], value[4]);
    }

    /// <inheritdoc/>
    public override void Add(Tensor outputs, Tensor targets)
    {
        if (outputs.Count != targets.Count) throw Mismatch(outputs, targets, "there are as many of both");
        using var scope = outputs.Device.Scope(Name);
        float[] y = Floats(outputs), wanted = Floats(targets);
        for (int i = 0; i < y.Length; i++)
        {
            double error = (double)y[i] - wanted[i];
            Absolute += Math.Abs(error);
            Square += error * error;
            Targets += wanted[i];
            TargetSquares += (double)wanted[i] * wanted[i];
        }
        Numbers += y.Length;
    }

    /// <inheritdoc/>
    public override void Reset() => State = new double[5];
}

/// <summary>The mean of |output − target|.</summary>
public sealed class MeanAbsoluteError : NumberMetric
{
    /// <inheritdoc/>
    public override string Name => "mae";

    /// <inheritdoc/>
    public override double Value => Absolute / Numbers;

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;
}

/// <summary>√ of the mean of (output − target)².</summary>
public sealed class RootMeanSquaredError : NumberMetric
{
    /// <inheritdoc/>
    public override string Name => "rmse";

    /// <inheritdoc/>
    public override double Value => Math.Sqrt(Square / Numbers);

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;
}

/// <summary>The share of the targets' variance that the outputs explain: 1 − Σ(target − output)² / Σ(target − mean)².</summary>
public sealed class R2 : NumberMetric
{
    /// <inheritdoc/>
    public override string Name => "r2";

    /// <inheritdoc/>
    public override double Value => 1 - Square / (TargetSquares - Targets * Targets / Numbers);
}
