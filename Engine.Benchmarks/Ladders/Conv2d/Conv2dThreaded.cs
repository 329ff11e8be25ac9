namespace Engine.Benchmarks;

/// <summary>Images are turned, and their bands computed, on all processors. A band is cut by sizes alone, so its bits are those of one thread.</summary>
internal static unsafe class Conv2dThreaded
{
    public static void Run(float* x, float* w, float* y, Conv2dShape z)
    {
        var cut = new Conv2dWinograd.Cut(z);
        using Floats weights = new(cut.Weights), images = new(z.N * cut.Image);
        Conv2dWinograd.Weights(w, weights, z);
        float* filters = weights.At, image = images.At;
        Parallel.For(0, z.N, n => Conv2dChannelsLast.TurnImage(x + n * z.C * z.H * z.W, image + n * cut.Image, cut.Height, z, cut.Width, cut.Channels));
        Parallel.For(0, z.N * cut.Bands, i =>
        {
            int n = i / cut.Bands;
            Conv2dWinograd.Band(image + n * cut.Image, filters, y + n * z.K * z.P * z.Q, z, i % cut.Bands);
        });
    }
}
