namespace Engine.Layers;

/// <summary>Where a run of training has got to, after each step.</summary>
/// <param name="Epoch">Which, from 0 on.</param>
/// <param name="Epochs">How many there will be.</param>
/// <param name="Batch">Batches done in this epoch.</param>
/// <param name="Batches">Batches of an epoch; null where a stream does not know.</param>
/// <param name="Step">Steps taken since the beginning.</param>
/// <param name="Loss">The last step's loss.</param>
/// <param name="ExamplesPerSecond">Over this epoch so far.</param>
public readonly record struct TrainingProgress(int Epoch, int Epochs, int Batch, int? Batches, long Step, double Loss, double ExamplesPerSecond);

/// <summary>Where a test or a prediction has got to, after each batch.</summary>
/// <param name="Batch">Batches done.</param>
/// <param name="Batches">Batches that there are; null where a stream does not know.</param>
/// <param name="Examples">Examples done.</param>
public readonly record struct BatchProgress(int Batch, int? Batches, long Examples);
