namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_c = exp(x_c − m) / Σ_k exp(x_k − m) with m = max_k x_k, or x_c − m − log Σ_k exp(x_k − m)
    private protected override void SoftmaxForwardCore(View x, View y, int rows, int columns, bool log)
    {
        Span<double> X = Values(x), Y = Values(y);
        for (int r = 0; r < rows; r++)
        {
            var row = X.Slice(r * columns, columns);
            double max = double.NegativeInfinity, sum = 0;
            foreach (double value in row) max = Math.Max(max, value);
            foreach (double value in row) sum += Math.Exp(value - max);
            for (int c = 0; c < columns; c++) Y[r * columns + c] = log ? row[c] - max - Math.Log(sum) : Math.Exp(row[c] - max) / sum;
        }
    }

    // dx_c = y_c (dy_c − Σ_k dy_k y_k), or dy_c − exp y_c · Σ_k dy_k
    private protected override void SoftmaxBackwardCore(View y, View dy, View dx, int rows, int columns, bool log)
    {
        Span<double> Y = Values(y), DY = Values(dy), DX = Values(dx);
        for (int r = 0; r < rows; r++)
        {
            int from = r * columns;
            double sum = 0;
            for (int c = from; c < from + columns; c++) sum += log ? DY[c] : DY[c] * Y[c];
            for (int c = from; c < from + columns; c++) DX[c] = log ? DY[c] - Math.Exp(Y[c]) * sum : Y[c] * (DY[c] - sum);
        }
    }
}
