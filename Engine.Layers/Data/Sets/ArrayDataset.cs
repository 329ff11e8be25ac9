using Engine.Core;

namespace Engine.Layers;

/// <summary>Rows of two arrays.</summary>
internal sealed class ArrayDataset(float[] inputs, int inputSize, float[] targets, int targetSize, int count) : IDataset<Example>
{
    public int Count => count;

    public Example Get(int index, Rng rng) => new(inputs.AsMemory(index * inputSize, inputSize), targets.AsMemory(index * targetSize, targetSize));
}

/// <summary>Rows of an array, with a class each.</summary>
internal sealed class ClassArrayDataset(float[] inputs, int inputSize, int[] classes) : IDataset<LabelledExample>
{
    public int Count => classes.Length;

    public LabelledExample Get(int index, Rng rng) => new(inputs.AsMemory(index * inputSize, inputSize), classes[index]);
}
