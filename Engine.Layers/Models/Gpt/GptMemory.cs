using Engine.Core;

namespace Engine.Layers;

/// <summary>The keys and values of the tokens that a <see cref="Gpt"/> has read.</summary>
internal sealed class GptMemory(Gpt gpt, int capacity) : ITextMemory
{
    private readonly KeyValueCache cache = gpt.NewCache(1, capacity);

    public Tensor Read(Tensor tokens, Pass pass) => gpt.Next(tokens, pass, cache);

    public void Select(IReadOnlyList<int> rows)
    {
        using var scope = gpt.Device.Scope(nameof(Select));
        cache.Select(Tensor.From([.. rows], [rows.Count], gpt.Device));
    }

    public void Dispose() => cache.Dispose();
}
