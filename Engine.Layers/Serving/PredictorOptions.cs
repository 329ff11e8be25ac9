using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>How a <see cref="Predictor"/> serves.</summary>
public sealed record PredictorOptions
{
    /// <summary>The shape of one example, without the batch axis, (1, 28, 28) for instance; needed for numbers that come as arrays and spans, and to
    /// warm up.</summary>
    public Shape? InputShape { get; init; }

    /// <summary>Where the model runs; where a factory built it unless set, which mostly is the processor.</summary>
    public Device? Device { get; init; }

    /// <summary>Predictions that run at a time at most; more wait for their turn. No bound unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is under 1.</exception>
    public int MaxConcurrency
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = int.MaxValue;

    /// <summary>Predictions that wait for their turn at most; more are refused with a <see cref="PredictorBusyException"/>. No bound unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaxWaiting
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = int.MaxValue;

    /// <summary>Examples in the batch of zeros on which a model is run twice before it serves, so that the first request finds its code compiled and
    /// its memory there; 1 unless set, 0 for none. Without an <see cref="InputShape"/> there is no warm-up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int WarmUpBatch
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 1;
}

/// <summary>As many predictions run and wait as the options allow: tell the client to come back later.</summary>
public sealed class PredictorBusyException(int running, int waiting)
    : InvalidOperationException($"{running} predictions run and {waiting} wait for their turn, as many as MaxConcurrency and MaxWaiting allow. Come back later, or raise them.");
