using Engine.Core;

namespace Engine.Layers;

/// <summary>Makes each example into another on a loader's workers, then puts those side by side. Examples that a resumed run passes over are not made.</summary>
public sealed class MapCollator<TSource, T> : ICollator<TSource>
{
    private readonly Func<TSource, Rng, T> make;
    private readonly ICollator<T> collator;

    /// <summary>A mapping.</summary>
    /// <param name="make">Called by several threads at once, with the example's own random numbers.</param>
    /// <param name="collator">Puts the results side by side.</param>
    public MapCollator(Func<TSource, Rng, T> make, ICollator<T> collator)
    {
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(collator);
        (this.make, this.collator) = (make, collator);
    }

    string ICollator<TSource>.Settings => collator.Settings;

    /// <inheritdoc/>
    public void Collate(ReadOnlySpan<Drawn<TSource>> examples, HostBatch batch, Rng rng)
    {
        var made = new Drawn<T>[examples.Length];
        for (int i = 0; i < made.Length; i++)
        {
            try
            {
                made[i] = new Drawn<T>(make(examples[i].Value, examples[i].Rng), examples[i].Rng);
            }
            catch (Exception e)
            {
                throw new ExampleException(i, e);
            }
        }
        collator.Collate(made, batch, rng);
    }
}

/// <summary>Which example of a batch a collator failed at; the loader names it by its number.</summary>
internal sealed class ExampleException(int example, Exception inner) : Exception(inner.Message, inner)
{
    public int Example => example;
}
