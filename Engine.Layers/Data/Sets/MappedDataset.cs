using Engine.Core;

namespace Engine.Layers;

internal sealed class MappedDataset<T, TResult>(IDataset<T> data, Func<T, Rng, TResult> make) : IDataset<TResult>
{
    public int Count => data.Count;

    public string Settings => data.Settings;

    public TResult Get(int index, Rng rng) => make(data.Get(index, rng), rng);
}
