using Engine.Core;

namespace Engine.Layers;

internal sealed class ConcatDataset<T>(IDataset<T>[] parts) : IDataset<T>
{
    public int Count
    {
        get
        {
            int count = 0;
            foreach (var part in parts) count = checked(count + part.Count);
            return count;
        }
    }

    public string Settings => string.Join("; ", parts.Select(part => part.Settings).Where(settings => settings.Length > 0));

    public T Get(int index, Rng rng)
    {
        int at = index;
        foreach (var part in parts)
        {
            if ((uint)at < (uint)part.Count) return part.Get(at, rng);
            at -= part.Count;
        }
        throw new ArgumentOutOfRangeException(nameof(index), $"There is no example {index} among {Count}.");
    }
}
