using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>The keys and values of one attention for the positions so far. New ones are written behind them in place, and a query attends to all: what is
/// there is not copied.</summary>
/// <remarks>Part of a <see cref="KeyValueCache"/>, which has one for each layer.</remarks>
public sealed class AttentionCache
{
    private Buffer keys, values;

    internal AttentionCache(int layer, int batch, int room, int keySize, int valueSize, Device device)
    {
        keys = new Buffer($"keys of layer {layer}", Tensor.Zeros([batch, room, keySize], device));
        values = new Buffer($"values of layer {layer}", Tensor.Zeros([batch, room, valueSize], device));
    }

    /// <summary>(B, Room, keySize): those of the first <see cref="Length"/> positions, and zeros or what was there before behind them.</summary>
    public Tensor Keys => keys.Value;

    /// <summary>(B, Room, valueSize), likewise.</summary>
    public Tensor Values => values.Value;

    /// <summary>Positions that are in it.</summary>
    public int Length { get; internal set; }

    /// <summary>Positions at most.</summary>
    public int Room => keys.Shape[1];

    /// <summary>B, sequences side by side.</summary>
    public int Batch => keys.Shape[0];

    /// <summary>What the attention to an encoder made of its states, in a decoder's layer after its first step; null before, and elsewhere.</summary>
    public KeyValues? Memory { get; private set; }

    /// <summary>Writes the next positions behind those that are there.</summary>
    /// <param name="newKeys">(B, T, keySize).</param>
    /// <param name="newValues">(B, T, valueSize).</param>
    /// <exception cref="ShapeException">The shapes do not fit, or there is no room for T more.</exception>
    /// <exception cref="GraphException">A graph is being recorded, which cannot go through what changes in place.</exception>
    public void Append(Tensor newKeys, Tensor newValues)
    {
        ArgumentNullException.ThrowIfNull(newKeys);
        ArgumentNullException.ThrowIfNull(newValues);
        Write(newKeys, newValues);
        Length += newKeys.Shape[1];
    }

    /// <summary><see cref="Append"/>, but the new positions count only once <see cref="Length"/> says so: an error in between leaves the cache as it was.</summary>
    internal void Write(Tensor newKeys, Tensor newValues)
    {
        if (newKeys.RequiresGrad || newValues.RequiresGrad)
            throw new GraphException("A cache changes in place, so no gradient goes through it. Begin NoGrad before a pass with a cache, or train without one.");
        Require(newKeys, keys, "keys");
        Require(newValues, values, "values");
        int steps = newKeys.Shape[1];
        if (newValues.Shape[1] != steps) throw new ShapeException($"There are {steps} keys and {newValues.Shape[1]} values. Give one of each for a position.");
        if (steps > Room - Length)
            throw new ShapeException($"The cache has room for {Room} positions, {Length} are taken, and {steps} more came. Make it with more room, or clear it with Truncate(0).");
        InPlace.SetPart(keys, 1, Length, newKeys);
        InPlace.SetPart(values, 1, Length, newValues);
    }

    /// <summary>Keeps a memory's keys and values beyond the scope that they were made in.</summary>
    internal void Remember(KeyValues memory) => Memory = memory with { Keys = memory.Keys.Detach().Outlive(), Values = memory.Values.Detach().Outlive() };

    internal void Truncate(int length)
    {
        Length = length;
        if (length > 0) return;
        foreach (var tensor in (ReadOnlySpan<Tensor?>)[Memory?.Keys, Memory?.Values]) tensor?.EndStorage("the cache's Truncate");
        Memory = null;
    }

    internal void Select(Tensor rows)
    {
        Buffer newKeys = Picked(keys), newValues = Picked(values);
        var memory = Memory?.Select(rows);
        foreach (var old in (ReadOnlySpan<Tensor?>)[keys, values, Memory?.Keys, Memory?.Values]) old?.EndStorage("the cache's Select");
        (keys, values) = (newKeys, newValues);
        if (memory is not null) Remember(memory);

        Buffer Picked(Buffer from) => new(from.Name, from.Value.GatherRows(rows));
    }

    internal void End()
    {
        foreach (var tensor in (ReadOnlySpan<Tensor?>)[keys, values, Memory?.Keys, Memory?.Values]) tensor?.EndStorage("the cache's Dispose");
    }

    private static void Require(Tensor given, Buffer room, string what)
    {
        if (given.Rank != 3 || given.Shape[0] != room.Shape[0] || given.Shape[2] != room.Shape[2])
            throw new ShapeException($"The {what} {given.Shape} must be ({room.Shape[0]}, T, {room.Shape[2]}), as the cache was made for. Make a cache for each batch size.");
    }
}
