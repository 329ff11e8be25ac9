using Engine.Core;

namespace Engine.Layers;

internal sealed class SubsetDataset<T>(IDataset<T> data, int[] indices) : IDataset<T>
{
    public int Count => indices.Length;

    public string Settings => data.Settings;

    public T Get(int index, Rng rng) => data.Get(indices[index], rng);
}
