using System.Diagnostics;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>How much of a training step is spent waiting for its images: 32 of 28×28, shifted, turned, cut out and normalised.</summary>
public static class LoaderShare
{
    private const int Images = 6_400, BatchSize = 32, Epochs = 10;

    public static void Print(int workers)
    {
        var images = DrawnDigits.Draw(Images, new Rng(1));
        var collator = new ImageCollator(new RandomShift(2), new RandomRotation(10), new Cutout(6), new Normalize([.13f], [.31f]));
        using var device = new CpuDevice();
        var step = new ArticleStep(device, BatchSize);
        var alone = new DataLoader<LabelledImage>(images, collator, BatchSize, shuffle: true);
        Run(alone, 0, device, _ => { });
        double making = alone.Waited.TotalMilliseconds;
        Run(alone, 0, device, _ => { });
        making = (alone.Waited.TotalMilliseconds - making) / alone.BatchCount!.Value;
        Console.WriteLine($"a batch made by the caller:       {making:F3} ms");

        var loader = new DataLoader<LabelledImage>(images, collator, BatchSize, shuffle: true, workers: workers);
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            var before = loader.Waited;
            long start = Stopwatch.GetTimestamp();
            Run(loader, epoch, device, batch => step.Train(batch.Inputs, batch.Targets));
            double steps = loader.BatchCount!.Value, whole = Stopwatch.GetElapsedTime(start).TotalMilliseconds / steps;
            double waited = (loader.Waited - before).TotalMilliseconds / steps;
            Console.WriteLine($"epoch {epoch}, {workers} workers: a step {whole:F3} ms, of it waiting for data {waited:F3} ms, {waited / whole:P1}");
        }
    }

    /// <summary>An epoch whose batches belong to the scope of their step.</summary>
    private static void Run(IBatches batches, int epoch, Device device, Action<Batch> step)
    {
        using var taken = batches.Epoch(epoch, device).GetEnumerator();
        while (true)
        {
            using var scope = device.Scope("the step");
            if (!taken.MoveNext()) break;
            step(taken.Current);
        }
    }
}
