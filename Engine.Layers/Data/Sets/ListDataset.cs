using Engine.Core;

namespace Engine.Layers;

internal sealed class ListDataset<T>(IReadOnlyList<T> examples) : IDataset<T>
{
    public int Count => examples.Count;

    public T Get(int index, Rng rng) => examples[index];
}
